import { type GenerationStore, StoreUnavailableError } from '@atelier/ports';

/** Thrown when the server cannot be reached, is starting or stopping, or broke the connection before it answered. */
export class DatabaseServerUnavailableError extends StoreUnavailableError {
  override readonly name = 'DatabaseServerUnavailableError';
}

const SOCKET_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'],
]);
/** SQLSTATE: connection exceptions, too many connections, the server is shutting down, has crashed, or is starting. */
const SERVER_CODES = /^(08...|53300|57P0[1235])$/;
/** Kinds under which Prisma's adapter reports some of the above. */
const ADAPTER_KINDS = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections']);
/** What the PostgreSQL client throws without any code. */
const CLIENT_MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|client was closed|cannot use a pool after calling end|server has closed the connection/i;

/** Errors wrap one another on the way through Prisma: the cause may lie some levels deep. */
const DEEPEST_CAUSE = 6;

export const isDatabaseLoss = (error: unknown, depth = 0): boolean => {
  if (typeof error !== 'object' || error === null || depth > DEEPEST_CAUSE) return false;
  const { code, kind, originalCode, message, cause, meta, errors } = error as Record<string, unknown>;
  for (const value of [code, originalCode]) {
    if (typeof value === 'string' && (SOCKET_CODES.has(value) || SERVER_CODES.test(value))) return true;
  }
  if (typeof kind === 'string' && ADAPTER_KINDS.has(kind)) return true;
  if (typeof message === 'string' && CLIENT_MESSAGES.test(message)) return true;
  const inner = [cause, (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError];
  // Several addresses of one host were tried.
  if (Array.isArray(errors)) inner.push(...errors);
  return inner.some((each) => isDatabaseLoss(each, depth + 1));
};

export const asStoreError = (error: unknown): unknown => {
  if (error instanceof StoreUnavailableError || !isDatabaseLoss(error)) return error;
  const reason = error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error);
  return new DatabaseServerUnavailableError(`the database server is not available: ${reason}`, { cause: error });
};

/** The store, with every loss of the server told by `DatabaseServerUnavailableError` whatever layer noticed it. */
export const tellingLosses = (store: GenerationStore): GenerationStore =>
  new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const result: unknown = member.apply(target, args);
        if (!(result instanceof Promise)) return result;
        return result.catch((error: unknown) => {
          throw asStoreError(error);
        });
      };
    },
  });
