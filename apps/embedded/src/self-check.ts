import { type DecodingResult, type GenerationId, isTerminalEntry, type TenantId } from '@atelier/contracts';
import { ReadEventLog, SubmitGeneration } from '@atelier/generation';
import type { BlobStore, Clock, CrashPoints, GenerationStore, Ids, Inference } from '@atelier/ports';

/** The picture of the self-check belongs to nobody: it shows up in no user's list and in no user's share. */
export const SELF_CHECK_TENANT: TenantId = 'ten_self-check';
const TIME_LIMIT_MS = 120_000;

/** Thrown when the platform could not draw its first picture. */
export class SelfCheckError extends Error {
  override readonly name = 'SelfCheckError';
}

export interface SelfCheckResult {
  readonly generationId: GenerationId;
  readonly prompt: string;
  readonly elapsedMs: number;
  readonly imageKey: string;
  readonly imageBytes: number;
}

/** Draws one picture through every stage and reads it back. */
export async function drawSelfCheck(deps: {
  readonly store: GenerationStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly inference: Inference;
  readonly crashPoints?: CrashPoints;
}): Promise<SelfCheckResult> {
  const { store, blobs, clock, inference } = deps;
  const startedAtMs = clock.monotonicMs();
  const { manifest } = inference.describe();
  const prompt = promptOf(manifest.vocabulary);
  const submit = new SubmitGeneration({ ...deps, describe: () => inference.describe() });
  const task = manifest.tasks.filter((candidate) => candidate.trained).sort((a, b) => a.id - b.id)[0];
  if (!task) throw new SelfCheckError(`the weights "${manifest.name}" were trained for no task`);
  const { generationId } = await submit.execute({
    tenantId: SELF_CHECK_TENANT,
    request: {
      schemaVersion: 1,
      task: task.name,
      prompts: [prompt],
      samples: 1,
      outputs: 1,
      bestOf: 1,
      references: [],
      layout: [],
      size: manifest.defaultSize,
      outputFormat: 'png',
      background: 'auto',
      seed: 1,
      steps: manifest.steps.default,
      guidance: manifest.guidance.default,
      precision: 'auto',
      expandPrompt: 'auto',
      priority: 'high',
      model: manifest.name,
      profile: manifest.profile,
      metadata: {},
    },
  });
  const log = new ReadEventLog({ store });
  const signal = AbortSignal.timeout(TIME_LIMIT_MS);
  for await (const entry of log.execute({ tenantId: SELF_CHECK_TENANT, generationId, signal })) {
    if (isTerminalEntry(entry.type)) break;
  }
  const aggregate = await store.get(SELF_CHECK_TENANT, generationId);
  const decoding = aggregate?.runs.find((run) => run.stage === 'decoding' && run.state === 'completed');
  if (aggregate?.generation.state !== 'succeeded' || !decoding) throw new SelfCheckError(reasonOf(aggregate));
  const { image } = decoding.result as DecodingResult;
  const bytes = await blobs.get(image.key);
  return {
    generationId,
    prompt,
    elapsedMs: clock.monotonicMs() - startedAtMs,
    imageKey: image.key,
    imageBytes: bytes.byteLength,
  };
}

/** Something that the weights know by name. */
function promptOf({ concepts, colours }: { concepts: readonly string[]; colours: readonly string[] }): string {
  const concept = (concepts[0] ?? 'picture').replaceAll('-', ' ');
  const [colour] = colours;
  return colour && !concept.includes(colour) ? `a ${colour} ${concept}` : `a ${concept}`;
}

function reasonOf(aggregate: Awaited<ReturnType<GenerationStore['get']>>): string {
  if (!aggregate) return 'the job of the self-check is gone';
  const { generation, runs } = aggregate;
  const error = generation.error ?? runs.find((run) => run.error !== null)?.error;
  return `the first picture was not drawn: ${generation.state}${error ? `, ${error.message} ${error.detail ?? ''}` : ''}`;
}
