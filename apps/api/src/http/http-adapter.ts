import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, errorBody } from './api-error.js';
import { JSON_BODY_LIMIT_BYTES, registerBodyParsers } from './body-parsers.js';
import { newRequestId } from './request-id.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { toApiError } from './to-api-error.js';

/** Slow senders are cut off; slow readers of streams are not. */
const REQUEST_TIMEOUT_MS = 60_000;

/** Fastify under Nest, with our limits, our parsers and our error bodies in every corner that Nest does not reach. */
export function createHttpAdapter(): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: JSON_BODY_LIMIT_BYTES,
    genReqId: newRequestId,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 1024 },
    frameworkErrors: answerRouterError,
    clientErrorHandler: answerSocketError,
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  fastify.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
  });
  registerBodyParsers(fastify);
  return adapter;
}

/** Paths that the router cannot read never reach Nest. */
function answerRouterError(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const error = toApiError(thrown);
  const id = newRequestId();
  reply
    .code(error.definition.status)
    .headers({ ...SECURITY_HEADERS, 'x-request-id': id, 'content-type': 'application/json; charset=utf-8' })
    .send(JSON.stringify(errorBody(error, id, `http://${request.headers.host ?? 'localhost'}`)));
}

/** What is not even HTTP: answered on the bare socket, which is then closed. */
function answerSocketError(thrown: Error & { code?: string }, socket: Socket): void {
  if (thrown.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const id = newRequestId();
  const tooLarge = thrown.code === 'HPE_HEADER_OVERFLOW';
  const error = new ApiError(tooLarge ? 'body_too_large' : 'invalid_parameter', {
    message: tooLarge ? 'The headers are too large.' : 'The request is not valid HTTP.',
  });
  const body = JSON.stringify(errorBody(error, id, ''));
  socket.end(
    `HTTP/1.1 ${error.definition.status} Bad Request\r\nconnection: close\r\nx-request-id: ${id}\r\n` +
      `content-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
