import type { GenerationId, RunId } from '@atelier/contracts';
import type { Ids } from '@atelier/ports';

/** Ids that count up, so that a failing spec prints the same ids each time; seeds from a small fixed generator. */
export class CountingIds implements Ids {
  private count = 0;
  private state: number;

  constructor(seed = 1) {
    this.state = seed >>> 0;
  }

  generationId(): GenerationId {
    return `gen_${this.next()}`;
  }

  runId(): RunId {
    return `run_${this.next()}`;
  }

  executionId(): string {
    return `x${this.next().slice(-6)}`;
  }

  /** Numerical Recipes' linear congruential generator: enough to jitter a delay. */
  seed(): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.state;
  }

  private next(): string {
    this.count += 1;
    return String(this.count).padStart(26, '0');
  }
}
