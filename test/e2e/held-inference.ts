import type { Clock, DenoiseHooks, DenoiseOutcome, DenoiseRequest, Inference } from '@atelier/ports';

/** Time of a step as the platform's clock sees it: long enough that every step is reported and has a preview. */
const STEP_MS = 1_000;

/**
 * An engine that stops after one step until the test has seen enough, so that a test looks at a half-drawn picture
 * without racing it. Steps cost no real time; the clock given to the platform is put forward instead.
 */
export class HeldInference implements Inference {
  private skippedMs = 0;
  private heldStep = Infinity;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly engine: Inference,
    private readonly machineClock: Clock,
  ) {}

  readonly clock: Clock = {
    now: () => this.machineClock.now(),
    monotonicMs: () => this.machineClock.monotonicMs() + this.skippedMs,
    sleep: (ms, signal) => this.machineClock.sleep(ms, signal),
  };

  /** Every denoise from now on stops once this step has been reported. */
  holdAfter(step: number): void {
    this.heldStep = step;
  }

  release(): void {
    this.heldStep = Infinity;
    for (const goOn of this.waiting) goOn();
  }

  denoise(request: DenoiseRequest, hooks: DenoiseHooks = {}): Promise<DenoiseOutcome> {
    return this.engine.denoise(request, {
      ...hooks,
      onStep: async (progress) => {
        this.skippedMs += STEP_MS;
        await hooks.onStep?.(progress);
        if (progress.step === this.heldStep) await this.untilReleased(hooks.signal);
      },
    });
  }

  private untilReleased(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const goOn = () => {
        this.waiting.delete(goOn);
        resolve();
      };
      this.waiting.add(goOn);
      signal?.addEventListener('abort', goOn, { once: true });
    });
  }

  describe: Inference['describe'] = () => this.engine.describe();
  decode: Inference['decode'] = (...args) => this.engine.decode(...args);
  encode: Inference['encode'] = (...args) => this.engine.encode(...args);
  encodeReference: Inference['encodeReference'] = (...args) => this.engine.encodeReference(...args);
  score: Inference['score'] = (...args) => this.engine.score(...args);
  countTokens: Inference['countTokens'] = (...args) => this.engine.countTokens(...args);
  close: Inference['close'] = () => this.engine.close();
}
