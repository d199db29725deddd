import { DURATION_BOUNDS_S } from '@atelier/platform';
import type { Clock, Telemetry } from '@atelier/ports';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/** Asked all the time by tools; a trace of them would only bury the others. */
const UNTRACED = ['/healthz', '/readyz'];

/**
 * A span around every request. What the request leads to (the outbox row, the messages, the stages) continues its trace:
 * the caller's own `traceparent`, if any, is replaced by that of the span, whose parent it is.
 */
export function traceRequests(adapter: FastifyAdapter, telemetry: Telemetry, clock: Pick<Clock, 'monotonicMs'>): void {
  const durations = telemetry.histogram(
    'atelier_http_duration_seconds',
    'Time from the request to the end of its answer, by route and status.',
    DURATION_BOUNDS_S,
  );
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  fastify.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    if (UNTRACED.includes(route)) return;
    const { traceparent } = request.headers;
    const startedMs = clock.monotonicMs();
    const span = telemetry.startSpan(`${request.method} ${route}`, {
      kind: 'server',
      traceparent: typeof traceparent === 'string' ? traceparent : null,
      attributes: { 'http.request.method': request.method, 'http.route': route, 'atelier.request_id': request.id },
    });
    request.headers.traceparent = span.traceparent;
    reply.raw.once('close', () => {
      const { statusCode } = reply.raw;
      span.set({ 'http.response.status_code': statusCode });
      span.end(statusCode >= 500 ? new ServerError() : undefined);
      durations.record((clock.monotonicMs() - startedMs) / 1000, { method: request.method, route, status: statusCode });
    });
  });
}

class ServerError extends Error {
  override readonly name = 'ServerError';
}
