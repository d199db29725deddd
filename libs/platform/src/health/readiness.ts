import type { Clock } from '@atelier/ports';

/** Resolves when the thing is ready; throws a sentence when it is not. */
export type ReadinessCheck = () => Promise<void> | void;

export interface CheckReport {
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason?: string;
}
export interface ReadinessReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, CheckReport>>;
}

/** Opens once something one-time has happened, such as the first picture. */
export interface ReadinessGate {
  open(): void;
  /** Keeps it closed with another sentence. */
  hold(reason: string): void;
}

/** Named checks that together decide whether this process should get traffic. */
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();

  constructor(private readonly options: { readonly clock: Clock; readonly timeoutMs?: number }) {}

  add(name: string, check: ReadinessCheck): void {
    if (this.checks.has(name)) throw new Error(`there is a readiness check named ${name} already`);
    this.checks.set(name, check);
  }

  gate(name: string, reason: string): ReadinessGate {
    let closedBecause: string | null = reason;
    this.add(name, () => {
      if (closedBecause !== null) throw new Error(closedBecause);
    });
    return {
      open: () => {
        closedBecause = null;
      },
      hold: (because) => {
        closedBecause = because;
      },
    };
  }

  /** Runs all checks at once; one that does not answer in time counts as not ready. */
  async report(): Promise<ReadinessReport> {
    const entries = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await this.run(check)] as const),
    );
    return { ready: entries.every(([, { ready }]) => ready), checks: Object.fromEntries(entries) };
  }

  private async run(check: ReadinessCheck): Promise<CheckReport> {
    const { clock, timeoutMs = 2_000 } = this.options;
    const settled = new AbortController();
    try {
      return await Promise.race([
        Promise.resolve()
          .then(check)
          .then(() => ({ ready: true })),
        clock.sleep(timeoutMs, settled.signal).then(() => ({ ready: false, reason: `no answer in ${timeoutMs} ms` })),
      ]);
    } catch (error) {
      return { ready: false, reason: error instanceof Error ? error.message : String(error) };
    } finally {
      settled.abort();
    }
  }
}
