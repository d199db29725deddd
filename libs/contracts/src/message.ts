import type { z } from 'zod';
import { TOPICS, type TopicName, type TopicValue } from './topics.js';

/** What goes onto a bus or into an outbox row: JSON text, and CloudEvents 1.0 attributes as headers (binary mode). */
export interface TopicMessage {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition?: number;
}

export interface MessageAttributes {
  /** Identifies this event among all of its `source`: a second message with the same pair is a repetition. */
  readonly id: string;
  /** Who speaks, as a URI reference: `/orchestrator`, `/workers/denoising/<worker id>`. */
  readonly source: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** W3C trace context of the request that led to this message. */
  readonly traceparent?: string | null | undefined;
  /** Directed slot. @default chosen by the key */
  readonly partition?: number | undefined;
}

/** Builds a message, checked by its topic's schema: what a sender cannot say correctly does not leave it. */
export function toMessage<N extends TopicName>(
  topic: N,
  key: string,
  value: TopicValue<N>,
  attributes: MessageAttributes,
): TopicMessage {
  const schema: z.ZodType = TOPICS[topic].schema;
  return {
    topic,
    key,
    value: JSON.stringify(schema.parse(value)),
    headers: cloudEventHeaders(topic, attributes),
    ...(attributes.partition === undefined ? {} : { partition: attributes.partition }),
  };
}

/** CloudEvents 1.0, binary content mode with the `ce_` prefix of its Kafka binding. */
export function cloudEventHeaders(type: string, attributes: MessageAttributes): Record<string, string> {
  return {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: attributes.id,
    ce_source: attributes.source,
    ce_type: type,
    ce_time: new Date(attributes.time).toISOString(),
    ...(attributes.traceparent ? { traceparent: attributes.traceparent } : {}),
  };
}

/** Attributes of a received message, or null where a header is missing or is not CloudEvents 1.0. */
export function readCloudEvent(
  headers: Readonly<Record<string, string>>,
): { id: string; source: string; type: string; time: number; traceparent: string | null } | null {
  const { ce_id: id, ce_source: source, ce_type: type, ce_specversion: version, ce_time: timeText } = headers;
  const time = Date.parse(timeText ?? '');
  if (!id || !source || !type || version !== '1.0' || Number.isNaN(time)) return null;
  return { id, source, type, time, traceparent: headers.traceparent ?? null };
}

/** Thrown when a message's value is not JSON or does not fit its topic's schema. */
export class UnparseableMessageError extends Error {
  override readonly name = 'UnparseableMessageError';
  constructor(
    readonly topic: string,
    readonly reason: string,
  ) {
    super(`a message of ${topic} cannot be parsed: ${reason}`);
  }
}

/** Thrown when a message declares a schema version that this process does not know. */
export class UnknownMessageVersionError extends Error {
  override readonly name = 'UnknownMessageVersionError';
  constructor(
    readonly topic: string,
    readonly version: unknown,
  ) {
    super(`a message of ${topic} has the unknown schema version ${JSON.stringify(version)?.slice(0, 40)}`);
  }
}

/** Reads a message's value by its topic's schema. The reason names paths and expectations, never the content. */
export function parseMessage<N extends TopicName>(topic: N, text: string): TopicValue<N> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UnparseableMessageError(topic, 'it is not JSON');
  }
  const schema: z.ZodType = TOPICS[topic].schema;
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data as TopicValue<N>;
  const version = (json as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== undefined && version !== 1) throw new UnknownMessageVersionError(topic, version);
  const reasons = parsed.error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`);
  throw new UnparseableMessageError(topic, reasons.join('; '));
}
