import type { GenerationRequest, PromptExpansionResult, StageError, StageInput } from '@atelier/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  firstRuns,
  type GraphRun,
  type GraphView,
  missingRuns,
  positionText,
  type RunSpec,
  sampleOutcome,
} from './index.js';

const blob = { key: 'a', bytes: 1, sha256: 'a'.repeat(64), contentType: 'image/png' };
const request = (overrides: Partial<GenerationRequest>): GenerationRequest => ({
  schemaVersion: 1,
  task: 't2i',
  prompts: ['a red apple'],
  samples: 1,
  outputs: 1,
  bestOf: 1,
  references: [],
  layout: [],
  size: { widthPx: 64, heightPx: 64 },
  outputFormat: 'png',
  background: 'auto',
  seed: 7,
  steps: 4,
  guidance: 1,
  precision: 'auto',
  expandPrompt: 'auto',
  priority: 'normal',
  model: 'm',
  profile: 'v4',
  metadata: {},
  ...overrides,
});

const WEIGHTS = { name: 'm', fingerprint: 'f', profile: 'v4' };
const LOST: StageError = { class: 'invalid', code: 'generation_failed', message: 'No.' };

function resultOf(spec: RunSpec, asked: GenerationRequest): unknown {
  const { sampleIndex, candidateIndex, outputIndex, referenceIndex } = spec;
  switch (spec.stage) {
    case 'prompt-expansion':
      return {
        expansions: asked.prompts.map((original) => ({
          original,
          expanded: original,
          facts: { objects: [{ id: 'o1', concept: original, count: 1 }], relations: [], absent: [] },
          explanation: [],
        })),
        plans: Array.from({ length: asked.samples }, () =>
          Array.from({ length: asked.outputs }, (_, output) => ({ caption: `output ${output}`, layout: [] })),
        ),
        warnings: [],
      } satisfies PromptExpansionResult;
    case 'reference-encoding':
      return { referenceIndex, latents: blob, cacheKey: 'k', cacheHit: false };
    case 'denoising':
      return { sampleIndex, candidateIndex, latents: blob, stepsRun: 4, resumedFromStep: 0 };
    case 'decoding':
      return { sampleIndex, candidateIndex, outputIndex, image: blob, widthPx: 64, heightPx: 64 };
    case 'scoring':
      return { sampleIndex, candidateIndex, score: 0.5, answers: [] };
  }
}

/** Works a graph off: takes an unfinished run by `choose`, ends it by `end`, until nothing is left. */
function workOff(
  asked: GenerationRequest,
  choose: (count: number) => number,
  end: (spec: RunSpec) => 'complete' | 'fail' = () => 'complete',
  canScore = true,
) {
  let view: GraphView = { request: asked, weights: WEIGHTS, expansion: null, runs: [], canScore };
  const open: RunSpec[] = [...firstRuns(asked)];
  const specs: RunSpec[] = [];
  const runs: GraphRun[] = open.map((spec) => ({ ...spec, state: 'ready', result: null, error: null }));
  while (open.length > 0) {
    const [spec] = open.splice(Math.min(choose(open.length), open.length - 1), 1) as [RunSpec];
    specs.push(spec);
    const index = runs.findIndex((run) => positionText(run) === positionText(spec));
    const failed = end(spec) === 'fail';
    const result = failed ? null : resultOf(spec, asked);
    runs[index] = { ...spec, state: failed ? 'failed' : 'completed', result, error: failed ? LOST : null };
    const expansion = spec.stage === 'prompt-expansion' && !failed ? (result as PromptExpansionResult) : view.expansion;
    view = { ...view, expansion, runs: [...runs] };
    for (const missing of missingRuns(view)) {
      open.push(missing);
      runs.push({ ...missing, state: 'ready', result: null, error: null });
    }
    view = { ...view, runs: [...runs] };
    expect(missingRuns(view)).toEqual([]);
  }
  return { view, specs };
}

const shapes = fc.record({
  samples: fc.integer({ min: 1, max: 3 }),
  outputs: fc.integer({ min: 1, max: 3 }),
  bestOf: fc.integer({ min: 1, max: 3 }),
  references: fc.nat(3).map((count) => Array.from({ length: count }, () => ({ blob, role: 'subject', weight: 1 }))),
});

describe('the stage graph', () => {
  it('runs each piece once, in whatever order the runs end', () => {
    fc.assert(
      fc.property(shapes, fc.infiniteStream(fc.nat(50)), (shape, stream) => {
        const { specs, view } = workOff(request(shape), () => stream.next().value ?? 0);
        const candidates = shape.samples * shape.bestOf;
        expect(specs).toHaveLength(1 + shape.references.length + candidates * (2 + shape.outputs));
        expect(new Set(specs.map(positionText)).size).toBe(specs.length);
        for (let sample = 0; sample < shape.samples; sample += 1) {
          expect(sampleOutcome(view, sample).kind).toBe('succeeded');
        }
      }),
      { numRuns: 60 },
    );
  });

  it('settles every sample, whichever runs fail', () => {
    fc.assert(
      fc.property(shapes, fc.infiniteStream(fc.nat(50)), fc.infiniteStream(fc.nat(9)), (shape, order, luck) => {
        const end = ({ stage }: RunSpec) =>
          stage !== 'prompt-expansion' && stage !== 'reference-encoding' && (luck.next().value ?? 0) < 3
            ? 'fail'
            : 'complete';
        const { view } = workOff(request(shape), () => order.next().value ?? 0, end);
        for (let sample = 0; sample < shape.samples; sample += 1) {
          expect(sampleOutcome(view, sample).kind).not.toBe('pending');
        }
      }),
      { numRuns: 60 },
    );
  });

  it('starts nothing after the expansion or a reference has failed', () => {
    const asked = request({ references: [{ blob, role: 'subject', weight: 1 }] });
    for (const failing of ['prompt-expansion', 'reference-encoding'] as const) {
      const { specs } = workOff(
        asked,
        () => 0,
        ({ stage }) => (stage === failing ? 'fail' : 'complete'),
      );
      expect(specs).toHaveLength(2);
    }
  });

  it('asks the checker for the facts of each output, and of the one prompt for all where there is only one', () => {
    const facts = (prompts: string[]) =>
      workOff(request({ prompts, outputs: 2 }), () => 0)
        .specs.filter(({ stage }) => stage === 'scoring')
        .flatMap(({ input }) => (input as StageInput<'scoring'>).facts.map(({ objects }) => objects[0]?.concept));
    expect(facts(['apple', 'dog'])).toEqual(['apple', 'dog']);
    expect(facts(['apple'])).toEqual(['apple', 'apple']);
  });

  it('writes nothing into a picture that would differ between two jobs of the same request', () => {
    const { specs } = workOff(request({}), () => 0);
    const decoding = specs.find(({ stage }) => stage === 'decoding')?.input as StageInput<'decoding'>;
    expect(Object.keys(decoding.provenance).sort()).toEqual(
      ['caption', 'guidance', 'model', 'profile', 'prompt', 'seed', 'size', 'steps', 'task', 'weights'].sort(),
    );
  });
});
