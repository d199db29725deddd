import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, errorBody } from './api-error.js';
import type { Route } from './route.js';
import { toApiError } from './to-api-error.js';

/** The only place that answers errors, whoever threw them: a handler, a parser, or the router that knows no such path. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly routes: readonly Pick<Route, 'method' | 'path'>[],
    private readonly onError: (error: unknown, requestId: string) => void,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = thrown instanceof NotFoundException ? this.noSuchRoute(request) : toApiError(thrown);
    if (error.code === 'internal_error') this.onError(thrown, request.id);
    if (reply.sent) {
      reply.raw.destroy();
      return;
    }
    const origin = `${request.protocol}://${request.headers.host ?? 'localhost'}`;
    reply
      .code(error.definition.status)
      .headers({ 'cache-control': 'no-store', ...error.options.headers })
      .header('content-type', 'application/json; charset=utf-8')
      .send(JSON.stringify(errorBody(error, request.id, origin)));
  }

  /** A path that exists under another method is 405 and names the methods it has. */
  private noSuchRoute(request: FastifyRequest): ApiError {
    const path = request.url.split('?', 1)[0] as string;
    const methods = this.routes.filter((route) => matches(route.path, path)).map((route) => route.method);
    // A path whose own method is there and that the router still refused (a segment too long) is simply not found.
    if (methods.length === 0 || methods.includes(request.method as Route['method'])) return new ApiError('not_found');
    return new ApiError('method_not_allowed', { headers: { allow: methods.join(', ') } });
  }
}

function matches(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/[.+]/g, '\\$&')
    .replace(/:[^/]+/g, '[^/]+')
    .replace(/\*/g, '.+');
  return new RegExp(`^${source}/?$`).test(path);
}
