import { TOPICS, type TopicName } from '@atelier/contracts';
import type { Telemetry } from '@atelier/ports';
import { withLogContext } from '../logging/logger.js';
import { inSpan } from '../tracing/in-span.js';
import { SILENT_TELEMETRY } from '../tracing/silent-telemetry.js';
import type { Middleware } from './consume.js';

/** Continues the trace of the message's `traceparent` with a span, and names the job in every line logged meanwhile. */
export const trace =
  (telemetry: Pick<Telemetry, 'startSpan'> = SILENT_TELEMETRY): Middleware =>
  (next, handler) => {
    const name = spanNameOf(handler.topic);
    return (delivery) => {
      const { headers, key, partition, attempt } = delivery.message;
      const isJob = key?.startsWith('gen_') === true;
      const attributes = {
        'messaging.operation.type': 'process',
        'messaging.destination.name': handler.topic,
        'messaging.destination.partition.id': String(partition),
        'messaging.consumer.group.name': handler.group,
        'atelier.delivery': attempt,
        ...(isJob ? { 'atelier.job_id': key } : {}),
      };
      const traceparent = headers.traceparent ?? null;
      return inSpan(telemetry, name, { kind: 'consumer', traceparent, attributes }, () =>
        isJob ? withLogContext({ jobId: key }, () => next(delivery)) : next(delivery),
      );
    };
  };

/** A stage's work is named after the stage; the handling of any other message after its topic. */
const spanNameOf = (topic: TopicName): string =>
  topic in TOPICS && topic.endsWith('.requested.v1') ? topic.slice(0, -'.requested.v1'.length) : `${topic} process`;
