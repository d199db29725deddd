import { KafkaBus } from '@atelier/bus-kafka';
import { STAGES, stageTopic } from '@atelier/contracts';
import { systemClock } from '@atelier/platform';
import type { ReceivedMessage } from '@atelier/ports';
import type { JournalEntry } from '../journal.ts';

/** Reads what the services of a cluster tell each other and writes the journal of it. */
export class BusTap {
  private readonly bus: KafkaBus;
  private readonly name: string;
  private readonly write: (entry: JournalEntry) => void;
  /** Progress messages by the time at which they were made. */
  readonly progress: { readonly at: number; readonly runId: string; readonly step: number }[] = [];
  readonly ended = new Set<string>();

  constructor(brokers: readonly string[], name: string, write: (entry: JournalEntry) => void) {
    this.name = name;
    this.write = write;
    // What it misses for good, the history checker will call lost.
    this.bus = new KafkaBus({ brokers, clientId: name, clock: systemClock, onFatal: (error) => console.error(error) });
  }

  async open(): Promise<void> {
    await this.bus.open();
    await this.read('generation.finished.v1', ({ key, value, headers }) => {
      const { state } = JSON.parse(value) as { state: string };
      this.ended.add(key ?? '');
      this.write({ kind: 'finished', at: Date.now(), id: key ?? '', messageId: headers.ce_id ?? '', state });
    });
    await this.read('generation.progressed.v1', ({ value, headers }) => {
      const { runId, step } = JSON.parse(value) as { runId: string; step: number };
      this.progress.push({ at: Date.parse(headers.ce_time ?? ''), runId, step });
    });
    for (const stage of STAGES) {
      await this.read(stageTopic(stage, 'requested'), ({ value }) => this.writeExecution('ordered', value));
      await this.read(stageTopic(stage, 'completed'), ({ value }) => this.writeExecution('answered', value));
    }
  }

  close(): Promise<void> {
    return this.bus.close(0);
  }

  /** The newest progress that was made before a moment. */
  progressBefore(at: number): { runId: string; step: number } | null {
    const before = this.progress.filter((one) => one.at <= at).sort((a, b) => a.at - b.at);
    const newest = before.at(-1);
    return newest ? { runId: newest.runId, step: newest.step } : null;
  }

  private writeExecution(kind: 'ordered' | 'answered', value: string): void {
    const { runId, fence } = JSON.parse(value) as { runId: string; fence: number };
    this.write({ kind, at: Date.now(), runId, fence });
  }

  private async read(topic: string, note: (message: ReceivedMessage) => void): Promise<void> {
    await this.bus.subscribe({ topic, group: `${this.name}-tap`, delivery: 'broadcast' }, async (message) =>
      note(message),
    );
  }
}
