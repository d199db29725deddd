import type { EventLogType, GenerationId, Stage, StageError } from '@atelier/contracts';
import { missingRuns } from '@atelier/domain';
import type { Generation, GenerationAggregate, NewEvent, StageRun } from '@atelier/ports';
import { buildFacts } from '@atelier/testing';
import type { ApiHarness } from './api-harness.js';

/** The bytes of a picture: only links, lengths and hashes matter to the API. */
export const pictureBytes = (name: string): Uint8Array => new TextEncoder().encode(`picture ${name}`);

/** Plays orchestration and workers: every run of the job completes, every sample succeeds. */
export async function drawJob(api: ApiHarness, id: GenerationId): Promise<void> {
  const { generation } = await load(api, id);
  const plan = { caption: 'a red apple', layout: [] };
  const expansion = {
    expansions: [
      {
        original: generation.request.prompts[0] as string,
        expanded: 'a red apple',
        facts: buildFacts(),
        explanation: [],
      },
    ],
    plans: generation.samples.map(() => Array.from({ length: generation.request.outputs }, () => plan)),
    warnings: [],
  };
  await complete(api, id, 'prompt-expansion', () => expansion);
  await complete(api, id, 'reference-encoding', (run) => ({
    referenceIndex: run.referenceIndex,
    latents: { key: `latents/${run.id}`, bytes: 1, sha256: 'b'.repeat(64), contentType: 'application/octet-stream' },
    cacheKey: 'kv',
    cacheHit: false,
  }));
  await change(api, id, { state: 'running', expansion, startedAt: Date.now() }, 'generation.running');
  for (let round = 0; round < 4; round += 1) {
    await insertMissing(api, id);
    await complete(api, id, 'denoising', (run) => ({
      sampleIndex: run.sampleIndex,
      candidateIndex: run.candidateIndex,
      latents: { key: `latents/${run.id}`, bytes: 1, sha256: 'a'.repeat(64), contentType: 'application/octet-stream' },
      stepsRun: 4,
      resumedFromStep: 0,
    }));
    await complete(api, id, 'decoding', async (run) => ({
      sampleIndex: run.sampleIndex,
      candidateIndex: run.candidateIndex,
      outputIndex: run.outputIndex,
      image: await api.blobs.put(`${generation.tenantId}/${id}/decoding/${run.id}/image.png`, pictureBytes(run.id), {
        contentType: 'image/png',
      }),
      widthPx: generation.request.size.widthPx,
      heightPx: generation.request.size.heightPx,
    }));
    await complete(api, id, 'scoring', (run) => ({
      sampleIndex: run.sampleIndex,
      candidateIndex: run.candidateIndex,
      score: 0.9,
      answers: [],
    }));
  }
  const samples = generation.samples.map((sample) => ({ ...sample, state: 'succeeded' as const, chosenCandidate: 0 }));
  await change(api, id, { state: 'succeeded', samples, finishedAt: Date.now() }, 'generation.succeeded');
}

/** The job gives up with this error. */
export async function failJob(api: ApiHarness, id: GenerationId, error: StageError): Promise<void> {
  const { generation } = await load(api, id);
  const samples = generation.samples.map((sample) => ({ ...sample, state: 'failed' as const, error }));
  await change(api, id, { state: 'failed', samples, error, finishedAt: Date.now() }, 'generation.failed');
}

/** One entry in the log and a change of the generation, in one commit. */
export async function change(
  api: ApiHarness,
  id: GenerationId,
  generation: Partial<Generation>,
  type: EventLogType,
  event: Partial<NewEvent> = {},
): Promise<void> {
  await api.store.commit({
    generationId: id,
    guard: { kind: 'generation-active' },
    generation,
    events: [{ type, at: Date.now(), data: {}, ...event }],
  });
}

async function load(api: ApiHarness, id: GenerationId): Promise<GenerationAggregate> {
  const aggregate = await api.store.load(id);
  if (!aggregate) throw new Error(`no job ${id}`);
  return aggregate;
}

async function insertMissing(api: ApiHarness, id: GenerationId): Promise<void> {
  const { generation, runs } = await load(api, id);
  const specs = missingRuns({ ...generation, runs, canScore: true });
  const template = runs[0] as StageRun;
  await api.store.commit({
    generationId: id,
    guard: { kind: 'generation-active' },
    insertRuns: specs.map((spec, index) => ({
      ...template,
      ...spec,
      id: `run_${String(runs.length + index).padStart(4, '0')}${id.slice(-20)}`,
      state: 'ready' as const,
      result: null,
      durationMs: null,
    })),
  });
}

async function complete(
  api: ApiHarness,
  id: GenerationId,
  stage: Stage,
  resultOf: (run: StageRun) => unknown,
): Promise<void> {
  const { runs } = await load(api, id);
  for (const run of runs.filter((candidate) => candidate.stage === stage && candidate.state !== 'completed')) {
    await api.store.commit({
      generationId: id,
      guard: { kind: 'generation-active' },
      updateRuns: [{ id: run.id, state: 'completed', result: await resultOf(run), durationMs: 5, fence: 1 }],
      events: [{ type: 'stage.completed', at: Date.now(), stage, runId: run.id, data: { durationMs: 5 } }],
    });
  }
}
