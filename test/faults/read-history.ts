import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FilesystemBlobStore } from '@atelier/blob-filesystem';
import { DecodingResult } from '@atelier/contracts';
import { DataFolder } from '@atelier/embedded';
import type { BlobStore, Clock, GenerationAggregate, GenerationStore, StageRun } from '@atelier/ports';
import { createEmbeddedStore } from '@atelier/store-prisma';
import { type JournalEntry } from './child-protocol.ts';
import type { Announcement, StoredJob } from './history.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export interface EndState {
  readonly stored: readonly StoredJob[];
  readonly runs: readonly StageRun[];
}

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

export const announcementsIn = (journal: readonly JournalEntry[]): Announcement[] =>
  journal.flatMap((entry) => (entry.kind === 'finished' ? [entry] : []));

/**
 * Results that came to the control plane and changed nothing: repetitions, those of an older fence, those of work that
 * was given up. One per run is the accepted one, where the run completed by it.
 */
export function staleWritesRejected(journal: readonly JournalEntry[], runs: readonly StageRun[]): number {
  const fences = new Map(runs.map((run) => [run.id as string, run.state === 'completed' ? run.fence : -1]));
  const accepted = new Set<string>();
  let rejected = 0;
  for (const entry of journal) {
    if (entry.kind !== 'answered') continue;
    if (fences.get(entry.runId) === entry.fence && !accepted.has(entry.runId)) accepted.add(entry.runId);
    else rejected += 1;
  }
  return rejected;
}

export interface Recovery {
  /** From each kill to the next job that ended. Seconds. */
  readonly toFirstEndS: readonly number[];
  readonly kills: readonly (JournalEntry & { kind: 'killed' })[];
}

export function recoveryIn(journal: readonly JournalEntry[]): Recovery {
  const kills = journal.flatMap((entry) => (entry.kind === 'killed' ? [entry] : []));
  const toFirstEndS = kills.flatMap((kill) => {
    const next = journal.slice(journal.indexOf(kill)).find((entry) => entry.kind === 'finished');
    return next ? [(next.at - kill.at) / 1000] : [];
  });
  return { toFirstEndS, kills };
}

export const journalFileOf = (folder: string): string => join(folder, 'journal.jsonl');
