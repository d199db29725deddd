import { createHash } from 'node:crypto';
import { DecodingResult } from '@atelier/contracts';
import type { BlobStore, GenerationAggregate, GenerationStore, StageRun } from '@atelier/ports';
import type { StoredJob } from './history.ts';
import type { EndState } from './profile.ts';

/** Everything that a stopped platform left for these tenants, as far as its wishes are `mine`. */
export async function readEndOf(
  { store, blobs }: { readonly store: GenerationStore; readonly blobs: Pick<BlobStore, 'get'> },
  tenants: readonly string[],
  mine: (request: string) => boolean = () => true,
): Promise<EndState> {
  const stored: StoredJob[] = [];
  const runs: StageRun[] = [];
  for (const tenant of tenants) {
    for await (const aggregate of generationsOf(store, tenant)) {
      if (!mine(aggregate.generation.request.metadata.request ?? '')) continue;
      stored.push(await storedJob(aggregate, store, blobs));
      runs.push(...aggregate.runs);
    }
  }
  return { stored, runs };
}

async function* generationsOf(store: GenerationStore, tenantId: string): AsyncIterable<GenerationAggregate> {
  let cursor: string | null = null;
  do {
    const page = await store.list(tenantId as never, { limit: 100, ...(cursor === null ? {} : { cursor }) });
    yield* page.generations;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

async function storedJob(
  { generation, runs, lastSequence }: GenerationAggregate,
  store: GenerationStore,
  blobs: Pick<BlobStore, 'get'>,
): Promise<StoredJob> {
  const log = await store.readEvents(generation.id, 0, 100_000);
  const decoded = runs.filter((run) => run.stage === 'decoding' && run.state === 'completed');
  const delivered = decoded.filter(
    (run) => generation.samples[run.sampleIndex ?? -1]?.chosenCandidate === run.candidateIndex,
  );
  return {
    id: generation.id,
    request: generation.request.metadata.request ?? '',
    state: generation.state,
    lastSequence,
    finishedAt: generation.finishedAt,
    ...(generation.error
      ? { error: `${generation.error.code}: ${generation.error.detail ?? generation.error.message}` }
      : {}),
    samples: generation.samples.map(({ index, state }) => ({ index, state })),
    log: log.map((entry) => ({
      sequence: entry.sequence,
      type: entry.type,
      position: [entry.stage, entry.sampleIndex, entry.candidateIndex, entry.outputIndex].join('/'),
    })),
    charges: await store.charges(generation.id),
    pictures: await Promise.all(
      delivered.map(async (run) => ({ sampleIndex: run.sampleIndex ?? -1, sha256: await pictureHash(run, blobs) })),
    ),
  };
}

/** Null where the bytes are gone or are not those that were promised. */
async function pictureHash(run: StageRun, blobs: Pick<BlobStore, 'get'>): Promise<string | null> {
  const { image } = DecodingResult.parse(run.result);
  const bytes = await blobs.get(image.key).catch(() => null);
  if (!bytes) return null;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return sha256 === image.sha256 ? sha256 : null;
}
