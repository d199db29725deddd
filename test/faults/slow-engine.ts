import type { PlantedBug } from './planted-bugs.ts';
import type { Wish } from './traffic.ts';

/**
 * The tiny weights draw a step quicker than any word travels: here a step also waits as long as one of large weights
 * takes, where `condition`, JavaScript over the denoise under way (`this.request`), holds.
 */
export const slowEngine = (condition: string, stepMs: number): PlantedBug => ({
  name: 'an engine that takes its time',
  what: `waits ${stepMs} ms in steps in which ${condition}`,
  foundAs: [],
  edits: [
    {
      module: 'libs/adapters/inference-onnx/dist/flow-denoise.js',
      find: 'const velocity = await this.velocity(latents, t, prefixes);',
      replace: `const velocity = await this.velocity(latents, t, prefixes);
            if (${condition}) await new Promise((resolve) => setTimeout(resolve, ${stepMs}));`,
    },
  ],
});

const SLOW_SEED = 700_000;
/** Of a slow drawing. */
export const SLOW_STEPS = 12;

/** Slow in the drawings that `slowDrawing` asks for, and only there. */
export const engineSlowOnRequest = (stepMs: number): PlantedBug =>
  slowEngine(`this.request.seed >= ${SLOW_SEED}`, stepMs);

/** Lasts long enough to be met in the middle; each `number` is a drawing of its own. */
export const slowDrawing = (number: number): Wish['body'] => ({
  prompt: 'a red apple',
  seed: SLOW_SEED + number,
  n: 1,
  steps: SLOW_STEPS,
});

export const isSlow = ({ seed }: Pick<Wish['body'], 'seed'>): boolean => seed >= SLOW_SEED;
