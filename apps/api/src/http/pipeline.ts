import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { TenantId } from '@atelier/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../api-deps.js';
import { requireAdmin } from '../auth/admin-token.js';
import { CallerGoneError } from '../images/wait-for-end.js';
import { ApiError } from './api-error.js';
import type { MultipartBody } from './body-parsers.js';
import type { Answer, Route, RouteContext, UploadedFile } from './route.js';
import { parseOr400 } from './validation.js';

/** Runs one request through its route: whose it is, whether it is well-formed, the handler, the answer. */
export async function runRoute(
  route: Route,
  deps: ApiDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const hangUp = new AbortController();
  reply.raw.once('close', () => hangUp.abort());
  try {
    const context = await contextOf(route, deps, request, hangUp.signal);
    await send(await route.handle(context), request, reply, hangUp.signal);
  } catch (error) {
    if (!(error instanceof CallerGoneError)) throw error;
    // Nobody is left to answer; the job goes on.
    reply.hijack();
    reply.raw.destroy();
  }
}

async function contextOf(
  route: Route,
  deps: ApiDeps,
  request: FastifyRequest,
  signal: AbortSignal,
): Promise<RouteContext> {
  const { headers } = request;
  if (route.auth === 'admin') requireAdmin(headers, deps.adminToken);
  const tenantId: TenantId = route.auth === 'tenant' ? await deps.authenticate(headers) : 'ten_nobody';
  const { rawBody, files } = bodyOf(route, request);
  return {
    deps,
    tenantId,
    headers,
    signal,
    files,
    rawBody,
    params: route.params ? parseOr400(route.params, request.params, 'path') : {},
    query: route.query ? parseOr400(route.query, request.query, 'query') : {},
    body: route.body ? parseOr400(schemaOf(route.body, headers), rawBody, 'body') : undefined,
    requestId: request.id,
    origin: originOf(request),
  };
}

function bodyOf(route: Route, request: FastifyRequest): { rawBody: unknown; files: readonly UploadedFile[] } {
  const none = { rawBody: undefined, files: [] };
  if (!route.body) return none;
  const isForm = isFormBody(request.headers);
  const takesJson = route.body.kind === 'json' || route.body.json !== undefined;
  if (request.body === undefined) {
    if (!takesJson) throw new ApiError('unsupported_media_type');
    throw new ApiError('invalid_json', { message: 'The body is empty; it must be a JSON object.' });
  }
  if (isForm ? route.body.kind !== 'multipart' : !takesJson) throw new ApiError('unsupported_media_type');
  if (!isForm) return { rawBody: request.body, files: [] };
  const { fields, files } = request.body as MultipartBody;
  return { rawBody: { ...fields }, files };
}

const isFormBody = (headers: IncomingHttpHeaders): boolean =>
  headers['content-type']?.startsWith('multipart/form-data') ?? false;

const schemaOf = (body: NonNullable<Route['body']>, headers: IncomingHttpHeaders) =>
  body.kind === 'multipart' && body.json && !isFormBody(headers) ? body.json : body.schema;

/** `Host` as the caller wrote it: links lead back the way the caller came, whatever name it used for us. */
const originOf = (request: FastifyRequest): string => {
  const host = request.headers.host ?? '';
  return `${request.protocol}://${/^[\w.:[\]-]{1,255}$/.test(host) ? host : 'localhost'}`;
};

async function send(answer: Answer, request: FastifyRequest, reply: FastifyReply, signal: AbortSignal): Promise<void> {
  if ('stream' in answer) {
    await sendStream(answer.stream, answer.headers, request, reply, signal);
    return;
  }
  reply.code(answer.status).headers(answer.headers ?? {});
  if (answer.json !== undefined) {
    reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer.json));
  } else {
    reply.send(
      answer.bytes ? Buffer.from(answer.bytes.buffer, answer.bytes.byteOffset, answer.bytes.byteLength) : null,
    );
  }
  await reply;
}

/** Writes chunks as they come and never faster than the caller reads. */
async function sendStream(
  chunks: AsyncIterable<string>,
  headers: Readonly<Record<string, string>>,
  request: FastifyRequest,
  reply: FastifyReply,
  signal: AbortSignal,
): Promise<void> {
  const { raw } = reply;
  const common = reply.getHeaders() as Record<string, string>;
  reply.hijack();
  raw.writeHead(200, { ...common, ...headers });
  raw.flushHeaders();
  if (request.method === 'HEAD') {
    raw.end();
    return;
  }
  try {
    for await (const chunk of chunks) {
      if (signal.aborted) return;
      if (!raw.write(chunk)) await once(raw, 'drain', { signal }).catch(() => undefined);
    }
  } finally {
    raw.end();
  }
}
