/** A step at least this expensive is never repeated. */
const CHECKPOINT_STEP_MS = 50;
/** Cheaper steps are kept together, so that a lost worker wastes at most this much. */
const MAX_WASTED_MS = 500;

/** Decides after which steps a checkpoint is worth its write. */
export class CheckpointRule {
  private unsavedMs = 0;

  /** @param predictedStepMs what a step costs by the manifest; the measured time counts when it is longer */
  constructor(private readonly predictedStepMs: number) {}

  /** Call once after every step with its measured time. The last step needs none: its latents are the result. */
  isDue(step: number, steps: number, measuredMs: number): boolean {
    const stepMs = Math.max(measuredMs, this.predictedStepMs);
    this.unsavedMs += stepMs;
    if (step >= steps) return false;
    if (stepMs < CHECKPOINT_STEP_MS && this.unsavedMs + stepMs <= MAX_WASTED_MS) return false;
    this.unsavedMs = 0;
    return true;
  }
}
