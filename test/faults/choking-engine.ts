import type { PlantedBug } from './planted-bugs.ts';

/** Seeds that an engine under test chokes on. */
export const CHOKING_SEEDS = {
  crash: 666_001,
  notANumber: 666_002,
  memoryOnce: 666_003,
  memoryAlways: 666_004,
} as const;

/** The engine's own mistakes, planted where a request enters it. */
export const CHOKING_ENGINE: PlantedBug = {
  name: 'an engine that chokes',
  what: 'kills its process, draws what is no number, or runs out of memory, by the seed of the request',
  foundAs: [],
  edits: [
    {
      module: 'libs/adapters/inference-onnx/dist/onnx-inference.js',
      find: 'async denoise(request, hooks = {}) {',
      replace: `async denoise(request, hooks = {}) {
        const { seed } = request;
        if (seed === ${CHOKING_SEEDS.crash}) process.kill(process.pid, 'SIGKILL');
        if (seed === ${CHOKING_SEEDS.memoryAlways} || (seed === ${CHOKING_SEEDS.memoryOnce} && !this.choked)) {
            this.choked = true;
            const { InferenceMemoryError } = await import('@atelier/ports');
            throw new InferenceMemoryError('bad_alloc');
        }
        const outcome = await this.denoiseSoundly(request, hooks);
        if (seed !== ${CHOKING_SEEDS.notANumber}) return outcome;
        return { ...outcome, latents: outcome.latents.map((one) => ({ ...one, data: one.data.map(() => Number.NaN) })) };
    }
    async denoiseSoundly(request, hooks) {`,
    },
  ],
};
