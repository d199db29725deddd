import type { PlantedBug } from './planted-bugs.ts';

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
