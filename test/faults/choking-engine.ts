import type { PlantedBug } from './planted-bugs.ts';

/** Seeds that an engine under test chokes on. */
export const CHOKING_SEEDS = {
  crash: 666_001,
  notANumber: 666_002,
  memoryAlways: 666_004,
  /** And all above: each is short of memory at its first execution in the life of an engine. */
  memoryOnce: 670_000,
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
        this.choked ??= new Set();
        if (seed === ${CHOKING_SEEDS.memoryAlways} || (seed >= ${CHOKING_SEEDS.memoryOnce} && !this.choked.has(seed))) {
            this.choked.add(seed);
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
