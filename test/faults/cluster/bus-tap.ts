import { KafkaBus } from '@atelier/bus-kafka';
import { STAGES, stageTopic } from '@atelier/contracts';
import { systemClock } from '@atelier/platform';
import type { ReceivedMessage } from '@atelier/ports';
import type { JournalEntry } from '../journal.ts';
import type { Disturbance } from '../profile.ts';
import { seededRandom } from '../seeded-random.ts';

export interface BusTapOptions {
  /** Every progress message is written too. @default false */
  readonly notesSteps?: boolean;
  /** Every message is published again, so many times and so late. @default none */
  readonly disturbance?: Disturbance;
}

/** Marks what was published again, so that it is not published again. */
const REPEATED = 'repeated';

/** Reads what the services of a cluster tell each other and writes the journal of it. */
export class BusTap {
  private readonly bus: KafkaBus;
  private readonly name: string;
  private readonly write: (entry: JournalEntry) => void;
  /** Progress messages by the time at which they were made. */
  readonly progress: { readonly at: number; readonly runId: string; readonly step: number }[] = [];
  readonly ended = new Set<string>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly random: () => number;

  private readonly options: BusTapOptions;

  constructor(
    brokers: readonly string[],
    name: string,
    write: (entry: JournalEntry) => void,
    options: BusTapOptions = {},
  ) {
    this.name = name;
    this.options = options;
    this.random = seededRandom(options.disturbance?.seed ?? 0);
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
    await this.read('generation.progressed.v1', ({ key, value, headers }) => {
      const { runId, step } = JSON.parse(value) as { runId: string; step: number };
      const at = Date.parse(headers.ce_time ?? '');
      this.progress.push({ at, runId, step });
      if (this.options.notesSteps) this.write({ kind: 'stepped', at, id: key ?? '', step });
    });
    if (this.options.disturbance) {
      for (const topic of ['generation.submitted.v1', 'generation.canceled.v1'])
        await this.read(topic, () => undefined);
      for (const stage of STAGES) await this.read(stageTopic(stage, 'failed'), () => undefined);
    }
    for (const stage of STAGES) {
      await this.read(stageTopic(stage, 'requested'), ({ value }) => this.writeExecution('ordered', value));
      await this.read(stageTopic(stage, 'completed'), ({ value }) => this.writeExecution('answered', value));
    }
  }

  close(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    return this.bus.close(0);
  }

  /** The newest progress that was made before a moment. */
  progressBefore(at: number): { runId: string; step: number } | null {
    const before = this.progress.filter((one) => one.at <= at).sort((a, b) => a.at - b.at);
    const newest = before.at(-1);
    return newest ? { runId: newest.runId, step: newest.step } : null;
  }

  /** A broker delivers in order and once where nothing fails; here each message comes again, after others and late. */
  private repeat({ topic, partition, key, value, headers }: ReceivedMessage): void {
    const { disturbance } = this.options;
    if (!disturbance || headers[REPEATED] !== undefined) return;
    for (let copy = 2; copy <= disturbance.copies; copy += 1) {
      const rangeMs = copy === disturbance.copies ? disturbance.lateMs : disturbance.delayMs;
      const again = { topic, partition, key: key ?? '', value, headers: { ...headers, [REPEATED]: String(copy) } };
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        this.bus.publish([again]).catch((error: unknown) => console.error(error));
      }, this.random() * rangeMs);
      this.timers.add(timer);
    }
  }

  private writeExecution(kind: 'ordered' | 'answered', value: string): void {
    const { runId, fence } = JSON.parse(value) as { runId: string; fence: number };
    this.write({ kind, at: Date.now(), runId, fence });
  }

  private async read(topic: string, note: (message: ReceivedMessage) => void): Promise<void> {
    await this.bus.subscribe({ topic, group: `${this.name}-tap`, delivery: 'broadcast' }, async (message) => {
      note(message);
      this.repeat(message);
    });
  }
}
