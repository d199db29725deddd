import { type TopicName, type TopicValue, toMessage } from '@atelier/contracts';
import type { OutgoingMessage, ReceivedMessage, TopicHandler } from '@atelier/ports';
import { createLogger } from '../logging/logger.js';

export const GENERATION_ID = 'gen_01arz3ndektsv4rrffq69g5fav';

export const canceled = (reason = 'by the user'): TopicValue<'generation.canceled.v1'> => ({
  schemaVersion: 1,
  tenantId: 'ten_default',
  generationId: GENERATION_ID,
  reason,
});

export const outgoing = (id: string, traceparent?: string): OutgoingMessage =>
  toMessage('generation.canceled.v1', GENERATION_ID, canceled(), { id, source: '/test', time: 0, traceparent });

export const received = (over: Partial<ReceivedMessage> = {}): ReceivedMessage => ({
  ...outgoing('1'),
  partition: 0,
  offset: '17',
  attempt: 1,
  ...over,
});

export const handlerOf = <N extends TopicName>(
  topic: N,
  handle: TopicHandler<N>['handle'] = async () => undefined,
  group = 'testers',
): TopicHandler<N> => ({ topic, group, handle });

export const silent = createLogger({ level: 'silent', name: 'test' });
export const notAborted: AbortSignal = new AbortController().signal;
