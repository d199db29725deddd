import type { MessageBus, OutgoingMessage } from '@atelier/ports';
import type { JournalEntry } from '../journal.ts';
import type { Disturbance } from '../profile.ts';
import { seededRandom } from '../seeded-random.ts';

/** Repeats, delays and thereby reorders everything that is published. */
export function disturbedBus(bus: MessageBus, disturbance: Disturbance): MessageBus {
  const random = seededRandom(disturbance.seed);
  let closed = false;
  const deliver = (message: OutgoingMessage, delayMs: number) =>
    setTimeout(() => {
      // What is under way when the process stops is lost with it: a bus in memory promises no more.
      if (!closed) bus.publish([message]).catch((error: unknown) => console.error(error));
    }, delayMs);
  return {
    async publish(messages) {
      for (const message of messages) {
        for (let copy = 1; copy <= disturbance.copies; copy += 1) {
          const rangeMs = copy > 1 && copy === disturbance.copies ? disturbance.lateMs : disturbance.delayMs;
          deliver(message, random() * rangeMs);
        }
      }
    },
    subscribe: (options, handler) => bus.subscribe(options, handler),
    async close(drainMs) {
      closed = true;
      await bus.close(drainMs);
    },
  };
}

/** Notes which runs were ordered, which ends announced and which results looked at, and shows progress to `onProgress`. */
export function journalledBus(
  bus: MessageBus,
  write: (entry: JournalEntry) => void,
  onProgress: (progress: { runId: string; step: number; id: string }) => void,
): MessageBus {
  return {
    async publish(messages) {
      for (const { topic, key, value } of messages) {
        if (topic === 'generation.progressed.v1') onProgress({ ...JSON.parse(value), id: key });
      }
      await bus.publish(messages);
      for (const { topic, key, value, headers } of messages) {
        if (topic.endsWith('.requested.v1')) {
          const { runId, fence } = JSON.parse(value) as { runId: string; fence: number };
          write({ kind: 'ordered', at: Date.now(), runId, fence });
        } else if (topic === 'generation.finished.v1') {
          const { state } = JSON.parse(value) as { state: string };
          write({ kind: 'finished', at: Date.now(), id: key, messageId: headers.ce_id ?? '', state });
        }
      }
    },
    subscribe: (options, handler) =>
      bus.subscribe(options, async (message, context) => {
        await handler(message, context);
        if (!options.topic.endsWith('.completed.v1')) return;
        const { runId, fence } = JSON.parse(message.value) as { runId: string; fence: number };
        write({ kind: 'answered', at: Date.now(), runId, fence });
      }),
    close: (drainMs) => bus.close(drainMs),
  };
}
