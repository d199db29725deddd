import type { Stage } from '../stage.ts';
import type { Wish } from '../traffic.ts';

/** How often what waits is looked at, and how many jobs are asked for at once. Gentle: it shares the machine. */
const LOOK_MS = 500;
const CLIENTS = 8;

/** A tenant that always has about so many jobs waiting, until it drops them. */
export class Backlog {
  private readonly ids: string[] = [];
  private asked = 0;
  private dropped = false;
  private keeping: Promise<void> = Promise.resolve();
  private readonly stage: Stage;
  private readonly wish: (seed: number) => Wish;
  private readonly target: number;

  private constructor(stage: Stage, wish: (seed: number) => Wish, target: number) {
    this.stage = stage;
    this.wish = wish;
    this.target = target;
  }

  /** Resolves when that many jobs were accepted; from then on the backlog keeps itself. */
  static async fill(stage: Stage, wish: (seed: number) => Wish, target: number): Promise<Backlog> {
    const backlog = new Backlog(stage, wish, target);
    await backlog.ask(target);
    backlog.keeping = backlog.keep();
    // Awaited by `drop`, where its failure is seen.
    backlog.keeping.catch(() => undefined);
    return backlog;
  }

  /** Accepted jobs whose end was not announced yet. The journal tells it, so that nobody asks the platform. */
  waiting(): number {
    const ended = new Set(
      this.stage.platform.journal().flatMap((entry) => (entry.kind === 'finished' ? entry.id : [])),
    );
    return this.ids.filter((id) => !ended.has(id)).length;
  }

  /** Asks for nothing more and cancels what is left. */
  async drop(): Promise<void> {
    this.dropped = true;
    await this.keeping;
    const left = [...this.ids].reverse();
    const client = async () => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) {
        // The newest first: from the first one that is over, all older ones are about to be.
        if ((await this.stage.traffic.cancel(this.wish(0).tenant, id)) === 'finished') return;
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
  }

  private async keep(): Promise<void> {
    while (!this.dropped) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const missing = this.target - this.waiting();
      if (missing > 0 && !this.dropped) await this.ask(missing);
    }
  }

  private async ask(count: number): Promise<void> {
    let left = count;
    const client = async () => {
      while (left > 0) {
        left -= 1;
        this.asked += 1;
        this.ids.push(await this.stage.traffic.ask(this.wish(this.asked)));
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
  }
}
