import { createHash } from 'node:crypto';
import { FilesystemBlobStore } from '@atelier/blob-filesystem';
import { DecodingResult } from '@atelier/contracts';
import { DataFolder } from '@atelier/embedded';
import type { BlobStore, Clock, GenerationAggregate, GenerationStore, StageRun } from '@atelier/ports';
import { createEmbeddedStore } from '@atelier/store-prisma';
import type { StoredJob } from '../history.ts';
import type { EndState } from '../profile.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Everything that a stopped platform left in its data folder for these tenants. */
export async function readEndState(dataDir: string, tenants: readonly string[]): Promise<EndState> {
  const folder = new DataFolder(dataDir);
  const store = await createEmbeddedStore({ dataDir: folder.database, clock });
  const blobs = new FilesystemBlobStore({ directory: folder.blobs, clock });
  try {
    const stored: StoredJob[] = [];
    const runs: StageRun[] = [];
    for (const tenant of tenants) {
      for await (const aggregate of generationsOf(store, tenant)) {
        stored.push(await storedJob(aggregate, store, blobs));
        runs.push(...aggregate.runs);
      }
    }
    return { stored, runs };
  } finally {
    await store.close();
  }
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
  blobs: BlobStore,
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
async function pictureHash(run: StageRun, blobs: BlobStore): Promise<string | null> {
  const { image } = DecodingResult.parse(run.result);
  const bytes = await blobs.get(image.key).catch(() => null);
  if (!bytes) return null;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return sha256 === image.sha256 ? sha256 : null;
}
