import { type EventLogEntry, JobStreamEvent } from '@atelier/contracts';
import type { GenerationAggregate } from '@atelier/ports';
import { z } from 'zod';
import { ApiError } from '../../http/api-error.js';
import { defineRoute, type RouteContext } from '../../http/route.js';
import { findJob, jobForCaller, linkFor } from '../find-job.js';
import { withKeepAlive } from './keep-alive.js';

/** Proxies cut connections that are silent for 30 to 60 s; a comment well before that keeps them open. */
export const KEEP_ALIVE_MS = 10_000;
/** What a client should wait before it reconnects. */
const RETRY_MS = 1_000;

export const streamJobEvents = defineRoute({
  method: 'GET',
  path: '/v1/jobs/:id/events',
  operationId: 'streamJobEvents',
  tag: 'Jobs',
  summary: "Follow a job's event log as server-sent events",
  description:
    'First a `snapshot` with id 0, then every `entry` of the log with its sequence as id, until the terminal one ends ' +
    'the stream. With `Last-Event-ID` the stream goes on behind that entry, without a snapshot; 204 when nothing is ' +
    'left to say. A comment at least every 15 seconds keeps the connection open.',
  auth: 'tenant',
  params: z.object({ id: z.string() }),
  headers: [{ name: 'Last-Event-ID', description: 'Sequence of the last entry that the caller has seen.' }],
  answers: {
    200: { description: 'The event stream.', schema: JobStreamEvent, contentType: 'text/event-stream' },
    204: { description: 'The log ended at or before `Last-Event-ID`: do not reconnect.' },
  },
  errors: ['job_not_found', 'invalid_parameter'],
  async handle(context) {
    const aggregate = await findJob(context, context.params.id);
    const lastEventId = lastEventIdOf(context.headers['last-event-id']);
    const { generation, lastSequence } = aggregate;
    if (lastEventId !== null && generation.finishedAt !== null && lastEventId >= lastSequence) return { status: 204 };
    return {
      status: 200,
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
        'x-job-id': generation.id,
      },
      stream: eventStream(context, aggregate, lastEventId),
    };
  },
});

async function* eventStream(
  context: RouteContext,
  aggregate: GenerationAggregate,
  lastEventId: number | null,
): AsyncGenerator<string> {
  const { id } = aggregate.generation;
  yield `: ${id}\nretry: ${RETRY_MS}\n\n`;
  if (lastEventId === null) {
    const job = await jobForCaller(context, aggregate);
    yield frame(0, 'snapshot', { kind: 'snapshot', job });
  }
  const link = linkFor(context);
  const entries = context.deps.eventLog.execute({
    tenantId: context.tenantId,
    generationId: id,
    afterSequence: lastEventId ?? 0,
    signal: context.signal,
  });
  for await (const entry of withKeepAlive(entries, context.deps.clock, KEEP_ALIVE_MS)) {
    yield entry === null ? ': keep-alive\n\n' : entryFrame(entry, link);
  }
}

function entryFrame(entry: EventLogEntry, link: (blobKey: string) => string): string {
  const previewKey = entry.data.previewKey;
  return frame(entry.sequence, entry.type, {
    kind: 'entry',
    entry,
    ...(typeof previewKey === 'string' ? { preview_url: link(previewKey) } : {}),
  });
}

const frame = (id: number, event: string, data: JobStreamEvent): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

function lastEventIdOf(header: string | string[] | undefined): number | null {
  if (header === undefined || header === '') return null;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw new ApiError('invalid_parameter', {
    param: 'Last-Event-ID',
    message: '"Last-Event-ID" must be the id of an event of this stream.',
  });
}
