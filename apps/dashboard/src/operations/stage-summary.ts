import type { Job, JobRun, Stage } from '@atelier/client-sdk';
import { startOf } from './waterfall-scale.js';

const STAGE_ORDER: readonly Stage[] = ['prompt-expansion', 'reference-encoding', 'denoising', 'decoding', 'scoring'];

/** What the runs of one stage of a job took together, in milliseconds. */
export interface StageSummary {
  readonly stage: Stage;
  readonly runs: number;
  /** Runs that were executed more than once. */
  readonly repeated: number;
  readonly waitedMs: number;
  readonly workedMs: number;
  /** Of the work of all stages, 0..1. */
  readonly share: number;
}

/** One entry for each stage that the job has, in the order of the stages. */
export function summariseStages({ runs }: Pick<Job, 'runs'>): StageSummary[] {
  const allMs = runs.reduce((sum, run) => sum + (run.duration_ms ?? 0), 0);
  return STAGE_ORDER.flatMap((stage) => {
    const own = runs.filter((run) => run.stage === stage);
    if (own.length === 0) return [];
    const workedMs = own.reduce((sum, run) => sum + (run.duration_ms ?? 0), 0);
    return {
      stage,
      runs: own.length,
      repeated: own.filter(({ attempt }) => attempt > 1).length,
      waitedMs: own.reduce((sum, run) => sum + (waitedMs(run) ?? 0), 0),
      workedMs,
      share: allMs === 0 ? 0 : workedMs / allMs,
    };
  });
}

/** From ready to started; null while it has not started. Clocks of machines differ: never negative. */
export function waitedMs(run: JobRun): number | null {
  const started = startOf(run);
  return run.ready_at === null || started === null ? null : Math.max(0, started - run.ready_at);
}
