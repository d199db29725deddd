import { type TERMINAL_STATES, type TopicMessage, toMessage } from '@atelier/contracts';
import type { Generation } from '@atelier/ports';

export type TerminalState = (typeof TERMINAL_STATES)[number];

/**
 * What is told when a generation ends. `orphaned`: orders are still out that nobody will ever want; the broadcast that
 * ends a canceled job frees their workers too.
 */
export function endMessages(
  generation: Pick<Generation, 'id' | 'tenantId' | 'traceparent'>,
  end: { readonly state: TerminalState; readonly samplesSucceeded: number; readonly samplesFailed: number },
  orphaned: boolean,
  now: number,
): TopicMessage[] {
  const { id, tenantId, traceparent } = generation;
  const envelope = { schemaVersion: 1, tenantId, generationId: id } as const;
  const attributes = { source: '/orchestration', time: now, traceparent };
  const finished = toMessage(
    'generation.finished.v1',
    id,
    { ...envelope, ...end, finishedAt: now },
    { ...attributes, id: `${id}.finished` },
  );
  if (!orphaned) return [finished];
  const canceled = toMessage(
    'generation.canceled.v1',
    id,
    { ...envelope, reason: `the job is ${end.state}` },
    { ...attributes, id: `${id}.canceled` },
  );
  return [canceled, finished];
}
