import type { EventLogEntry, EventLogType, JobStreamEvent } from '@atelier/contracts';
import { ConnectionError, ProtocolError, ServerError } from './errors.js';
import { parseEventStream } from './event-source.js';
import { delay, type Transport } from './transport.js';

export interface StreamOptions {
  readonly signal?: AbortSignal;
  /** Sequence of the last entry already seen; the stream then starts behind it and sends no snapshot. */
  readonly afterSequence?: number;
  /** Called before each attempt to reconnect. */
  readonly onReconnect?: (attempt: number, cause: unknown) => void;
  /** Consecutive short connections without anything new before the stream gives up. @default 8 */
  readonly maxAttempts?: number;
  /** A connection that is silent for longer is taken for dead; the server speaks at least every 15 s. @default 40000 */
  readonly silenceMs?: number;
}

/** A connection that lived this long counts as one that worked. */
const STABLE_MS = 5_000;

const TERMINAL: ReadonlySet<EventLogType> = new Set<EventLogType>([
  'generation.succeeded',
  'generation.failed',
  'generation.canceled',
  'generation.rejected',
]);

/** True for the entry that ends a job's log. */
export const isTerminal = (entry: EventLogEntry): boolean => TERMINAL.has(entry.type);

/**
 * Reads a job's event log as it grows: the snapshot, then every entry exactly once and in order, across any number of
 * lost connections. Ends after the terminal entry. Throws `ConnectionError` when the server stays away.
 */
export async function* streamJob(
  transport: Transport,
  id: string,
  options: StreamOptions = {},
): AsyncGenerator<JobStreamEvent> {
  const maxAttempts = options.maxAttempts ?? 8;
  let lastSequence = options.afterSequence ?? -1;
  let retryMs = 500;
  for (let attempt = 0; ; ) {
    const startedMs = performance.now();
    try {
      const connection = await connect(transport, id, lastSequence, options);
      if (connection === null) return;
      for await (const event of connection) {
        if (event.kind === 'retry') {
          retryMs = event.retryMs;
          continue;
        }
        const data = parseEvent(event.data);
        if (data.kind === 'entry') {
          if (data.entry.sequence <= lastSequence) continue;
          lastSequence = data.entry.sequence;
        } else {
          lastSequence = Math.max(lastSequence, 0);
        }
        attempt = 0;
        yield data;
        if (data.kind === 'entry' && isTerminal(data.entry)) return;
      }
      // The body ended without a terminal entry: the server closes when it stops.
      throw new ConnectionError(`the stream of ${id}`, new Error('ended early'));
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      const mayComeBack = error instanceof ConnectionError || (error instanceof ServerError && error.status === 503);
      // A connection that held was no failed attempt: a job may wait for hours behind a proxy that cuts every minute.
      if (performance.now() - startedMs > STABLE_MS) attempt = 0;
      attempt += 1;
      if (!mayComeBack || attempt > maxAttempts) throw error;
      options.onReconnect?.(attempt, error);
      await delay(Math.min(retryMs * 2 ** (attempt - 1), 10_000), options.signal);
    }
  }
}

async function connect(transport: Transport, id: string, lastSequence: number, options: StreamOptions) {
  const silence = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, silence.signal]) : silence.signal;
  const response = await transport.send({
    method: 'GET',
    path: `/v1/jobs/${encodeURIComponent(id)}/events`,
    headers: {
      accept: 'text/event-stream',
      ...(lastSequence >= 0 ? { 'last-event-id': String(lastSequence) } : {}),
    },
    signal,
    repeatable: false,
  });
  // 204: the log ended at or before the entry we already have.
  if (response.status === 204 || !response.body) return null;
  return parseEventStream(watchSilence(response.body, options.silenceMs ?? 40_000, silence));
}

/** Passes bytes through and fails the body once nothing, not even a keep-alive comment, has come for `silenceMs`. */
function watchSilence(body: ReadableStream<Uint8Array>, silenceMs: number, silence: AbortController) {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const timer = setTimeout(() => silence.abort(new Error(`silent for ${silenceMs} ms`)), silenceMs);
      try {
        const { value, done } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        controller.error(new ConnectionError('the event stream', silence.signal.reason ?? error));
      } finally {
        clearTimeout(timer);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function parseEvent(data: string): JobStreamEvent {
  try {
    const event = JSON.parse(data) as JobStreamEvent;
    if (event.kind === 'snapshot' || event.kind === 'entry') return event;
  } catch {
    // Falls through to the error below.
  }
  throw new ProtocolError('the stream sent an event that is not a job event');
}
