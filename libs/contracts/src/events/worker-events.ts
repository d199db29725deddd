import { z } from 'zod';
import { WorkerId } from '../ids.js';
import { Stage } from '../stages.js';

/** A worker's report, sent at start, every few seconds and when its load changes. */
export const WorkerReported = z.object({
  schemaVersion: z.literal(1),
  workerId: WorkerId,
  stage: Stage,
  /** Directed slot of a denoising worker; null until one is assigned, and for the short stages. */
  slot: z.number().int().nonnegative().nullable(),
  /** Runs the worker may hold: running + prefetched. */
  capacity: z.number().int().positive(),
  inFlight: z.number().int().nonnegative(),
  engineFingerprint: z.string(),
  weights: z.array(z.string()),
  /** Largest picture it can draw, in pixels; admission refuses what no live worker can serve. */
  maxPixels: z.number().int().positive(),
  /** Keys (hashed) of the reference K/V it holds, for cache affinity. */
  cacheDigests: z.array(z.string()).max(256),
  reportedAt: z.number().int(),
});
export type WorkerReported = z.infer<typeof WorkerReported>;

/** The orchestrator's answer: which slot a denoising worker owns (workers have no database). */
export const WorkerAssigned = z.object({
  schemaVersion: z.literal(1),
  workerId: WorkerId,
  stage: Stage,
  slot: z.number().int().nonnegative(),
  leaseUntil: z.number().int(),
});
export type WorkerAssigned = z.infer<typeof WorkerAssigned>;

/** The worker takes no new work; what it holds is finished or handed back. */
export const WorkerDraining = z.object({
  schemaVersion: z.literal(1),
  workerId: WorkerId,
  stage: Stage,
  handedBack: z.array(z.object({ runId: z.string(), fence: z.number().int() })),
});
export type WorkerDraining = z.infer<typeof WorkerDraining>;

/** A message nobody could handle, with its cause and where it came from. */
export const DeadLetter = z.object({
  schemaVersion: z.literal(1),
  cause: z.enum(['unparseable', 'unknown-version', 'handler-failed', 'poison', 'oversized']),
  message: z.string(),
  attempts: z.number().int().nonnegative(),
  origin: z.object({ topic: z.string(), partition: z.number().int(), offset: z.string(), key: z.string().nullable() }),
  /** The value as it came, cut at 64 KiB. */
  value: z.string().max(65_536),
  headers: z.record(z.string(), z.string()),
  failedAt: z.number().int(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;
