import type { StageInput } from '@atelier/contracts';
import { candidateSeed } from '@atelier/domain';
import { SubmitGeneration } from '@atelier/generation';
import { buildReference, buildRequest, resultOf, Simulation } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import { createOrchestrator } from './index.js';

/** Two samples, each the best of two storyboards of three pictures, drawn after two references. */
const STORYBOARD = buildRequest({
  task: 'storyboard',
  prompts: ['a dog on a beach', 'the dog finds an apple', 'the dog sleeps'],
  samples: 2,
  outputs: 3,
  bestOf: 2,
  references: [buildReference(), buildReference({ role: 'style', weight: 0.6 })],
});

const simulate = (options: Partial<ConstructorParameters<typeof Simulation>[0]> = {}) =>
  new Simulation({ createControlPlane: createOrchestrator, ...options }).start();

async function submit(simulation: Simulation, request = STORYBOARD): Promise<string> {
  const { generationId } = await new SubmitGeneration(simulation).execute({ tenantId: 'ten_default', request });
  await simulation.settle();
  return generationId;
}

describe('a storyboard with two samples, best of two and two references', () => {
  it('is drawn without time passing: every hop follows the commit before it', async () => {
    const simulation = await simulate();
    const id = await submit(simulation);
    expect((await simulation.generation(id)).generation.state).toBe('succeeded');
    expect(await simulation.violations(id)).toEqual([]);
    expect(simulation.errors).toEqual([]);
  });

  it('runs each stage as often as the graph says', async () => {
    const simulation = await simulate();
    const { runs } = await simulation.generation(await submit(simulation));
    const count = (stage: string) => runs.filter((run) => run.stage === stage && run.state === 'completed').length;
    expect({
      expansion: count('prompt-expansion'),
      references: count('reference-encoding'),
      denoising: count('denoising'),
      decoding: count('decoding'),
      scoring: count('scoring'),
    }).toEqual({ expansion: 1, references: 2, denoising: 4, decoding: 12, scoring: 4 });
  });

  it('gives each candidate its own seed, and the first one the seed of the request', async () => {
    const simulation = await simulate();
    await submit(simulation);
    const seeds = simulation.workers.ordersOf('denoising').map(({ input }) => input.seed);
    expect(new Set(seeds).size).toBe(4);
    expect(seeds).toContain(STORYBOARD.seed);
    expect(seeds).toContain(candidateSeed(STORYBOARD.seed, 1, 1));
  });

  it('hands both encoded references with role and weight to every candidate, whichever was encoded first', async () => {
    const simulation = await simulate({ bus: { random: fromEnd } });
    await submit(simulation);
    for (const { input } of simulation.workers.ordersOf('denoising')) {
      expect(input.references.map(({ referenceIndex, role, weight }) => [referenceIndex, role, weight])).toEqual([
        [0, 'subject', 1],
        [1, 'style', 0.6],
      ]);
    }
  });

  it('keeps the candidate with the best score, and of equal ones the first', async () => {
    const scores = { '0/0': 0.4, '0/1': 0.9, '1/0': 0.7, '1/1': 0.7 };
    const simulation = await simulate({
      workers: {
        script: ({ order }) => {
          if (order.stage !== 'scoring') return 'complete';
          const { sampleIndex, candidateIndex } = order.input as StageInput<'scoring'>;
          const score = scores[`${sampleIndex}/${candidateIndex}` as keyof typeof scores];
          return { result: { sampleIndex, candidateIndex, score, answers: [] } };
        },
      },
    });
    const { generation } = await simulation.generation(await submit(simulation));
    expect(generation.samples.map((sample) => sample.chosenCandidate)).toEqual([1, 0]);
  });

  it('tells the whole story in its log, from queued to succeeded', async () => {
    const simulation = await simulate();
    const types = (await simulation.log(await submit(simulation))).map(({ type }) => type);
    expect(types[0]).toBe('generation.queued');
    expect(types[1]).toBe('generation.running');
    expect(types.at(-1)).toBe('generation.succeeded');
    expect(types.filter((type) => type === 'sample.succeeded')).toHaveLength(2);
    expect(types.filter((type) => type === 'prompt.expanded')).toHaveLength(1);
    expect(types.filter((type) => type === 'stage.completed')).toHaveLength(23);
  });

  it('is charged once for each delivered sample: its own runs and its share of the common ones', async () => {
    const simulation = await simulate();
    const charges = await simulation.store.charges(await submit(simulation));
    // 10 ms a run: 2 denoising, 6 decoding, 2 scoring, and half of 1 expansion and 2 references.
    expect(charges.map(({ sampleIndex, computeMs }) => [sampleIndex, computeMs])).toEqual([
      [0, 115],
      [1, 115],
    ]);
  });

  it('counts its measured milliseconds against its tenant', async () => {
    const simulation = await simulate();
    await submit(simulation);
    expect(await simulation.store.tenantShares()).toEqual([{ tenantId: 'ten_default', weight: 1, spentMs: 230 }]);
  });
});

describe('stages with nothing to do', () => {
  it('are not run: no references, and no scoring where the weights bring no checker', async () => {
    const base = await simulate();
    const { checker: _, ...graphs } = base.describe().manifest.graphs;
    const simulation = await simulate({ engine: { manifest: { ...base.describe().manifest, graphs } } });
    const id = await submit(simulation, buildRequest());
    const { runs, generation } = await simulation.generation(id);
    expect(runs.map((run) => run.stage)).toEqual(['prompt-expansion', 'denoising', 'decoding']);
    expect(generation.samples[0]).toMatchObject({ state: 'succeeded', chosenCandidate: 0 });
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('are not run: no scoring where the prompt asks for nothing that could be checked', async () => {
    const simulation = await simulate({
      workers: {
        script: ({ order }) => {
          if (order.stage !== 'prompt-expansion') return 'complete';
          const result = resultOf(order) as { expansions: object[] };
          const facts = { objects: [], relations: [], absent: [] };
          return { result: { ...result, expansions: result.expansions.map((one) => ({ ...one, facts })) } };
        },
      },
    });
    const { runs } = await simulation.generation(await submit(simulation, buildRequest()));
    expect(runs.map((run) => run.stage)).toEqual(['prompt-expansion', 'denoising', 'decoding']);
  });
});

describe('a prompt', () => {
  it('with nothing drawable in it makes the generation rejected with that code', async () => {
    const simulation = await simulate({
      workers: {
        script: ({ order }) =>
          order.stage === 'prompt-expansion'
            ? { error: { class: 'invalid', code: 'prompt_not_drawable', message: 'Nothing in it is known.' } }
            : 'complete',
      },
    });
    const id = await submit(simulation);
    const { generation } = await simulation.generation(id);
    expect(generation).toMatchObject({ state: 'rejected', error: { code: 'prompt_not_drawable' } });
    expect((await simulation.log(id)).at(-1)?.data).toMatchObject({ code: 'prompt_not_drawable' });
    expect(await simulation.violations(id)).toEqual([]);
  });

  it('that was changed adds its warnings to those of the request, each once', async () => {
    const known = { code: 'size_changed', message: 'The size is 64x64.' };
    const unknown = { code: 'unknown_word', message: 'A zebra is not known; a horse was drawn.' };
    const simulation = await simulate({
      workers: {
        script: ({ order }) =>
          order.stage === 'prompt-expansion'
            ? { result: { ...resultOf(order), warnings: [unknown, known] } }
            : 'complete',
      },
    });
    const command = { tenantId: 'ten_default', request: buildRequest(), warnings: [known] };
    const { generationId } = await new SubmitGeneration(simulation).execute(command);
    await simulation.settle();
    expect((await simulation.generation(generationId)).generation.warnings).toEqual([known, unknown]);
  });
});

/** Delivers the newest message first. */
const fromEnd = () => 0.999_999;
