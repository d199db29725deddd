import { InferenceInputError } from '@atelier/ports';

const MAX_SUSPECTS = 256;

/**
 * Finds the request that ends the runtime. Whatever was under way when the runtime was lost is a suspect; a suspect
 * runs alone the next time; one that loses the runtime alone is refused from then on. Success clears a suspect.
 */
export class SuspectGate {
  private readonly losses = new Map<string, 1 | 2>();
  private readonly waiting: { readonly alone: boolean; readonly enter: () => void }[] = [];
  private running = 0;
  private aloneRuns = false;

  /**
   * @param isLoss tells whether an error means that the runtime was lost
   * @throws InferenceInputError for a request that has proved to end the runtime
   */
  async run<T>(digest: string, work: () => Promise<T>, isLoss: (error: unknown) => boolean): Promise<T> {
    const losses = this.losses.get(digest) ?? 0;
    if (losses === 2) throw new InferenceInputError('this request ended the runtime twice, the second time alone');
    const alone = losses === 1;
    await this.enter(alone);
    try {
      const result = await work();
      this.losses.delete(digest);
      return result;
    } catch (error) {
      if (isLoss(error)) this.remember(digest, alone ? 2 : 1);
      throw error;
    } finally {
      this.leave();
    }
  }

  private remember(digest: string, losses: 1 | 2): void {
    this.losses.delete(digest);
    this.losses.set(digest, losses);
    if (this.losses.size > MAX_SUSPECTS) this.losses.delete(this.losses.keys().next().value as string);
  }

  private enter(alone: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ alone, enter: resolve });
      this.admit();
    });
  }

  private leave(): void {
    this.running -= 1;
    if (this.running === 0) this.aloneRuns = false;
    this.admit();
  }

  /** In the order they came, so that a suspect is not starved by the others. */
  private admit(): void {
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      if (this.aloneRuns || (next.alone && this.running > 0)) return;
      this.waiting.shift();
      this.running += 1;
      this.aloneRuns = next.alone;
      next.enter();
    }
  }
}
