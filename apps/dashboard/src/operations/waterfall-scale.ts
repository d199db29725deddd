import type { Job, JobRun } from '@atelier/client-sdk';

/** A stretch of the time axis, as shares 0..1 of its length. */
export interface Stretch {
  readonly from: number;
  readonly length: number;
}

export interface WaterfallRow {
  readonly run: JobRun;
  readonly waiting: Stretch | null;
  readonly working: Stretch | null;
}

export interface Waterfall {
  /** Length of the time axis in milliseconds; 0 at the job's acceptance. */
  readonly spanMs: number;
  readonly ticks: readonly { readonly ms: number; readonly at: number }[];
  readonly rows: readonly WaterfallRow[];
}

/** Shortest axis: a job that was just accepted has no length yet. */
const MIN_SPAN_MS = 1;

/**
 * Places the runs of a job on one time axis, from its acceptance to its end (`now` while it is unfinished). Unfinished
 * runs reach to `now`; runs that have not become ready have no stretch. Times are epoch milliseconds.
 */
export function waterfall(job: Pick<Job, 'created_at' | 'finished_at' | 'runs'>, now: number): Waterfall {
  const start = job.created_at;
  const lastFinish = Math.max(start, ...job.runs.map((run) => run.finished_at ?? start));
  const end = job.finished_at === null ? Math.max(now, lastFinish) : Math.max(job.finished_at, lastFinish);
  const spanMs = Math.max(MIN_SPAN_MS, end - start);
  const stretch = (from: number, to: number): Stretch => {
    const clamped = Math.min(Math.max(from, start), end);
    return { from: (clamped - start) / spanMs, length: Math.max(0, Math.min(to, end) - clamped) / spanMs };
  };
  const rows = [...job.runs].sort(byTime).map((run): WaterfallRow => {
    const over = run.finished_at ?? end;
    const started = startOf(run);
    return {
      run,
      waiting: run.ready_at === null ? null : stretch(run.ready_at, started ?? over),
      working: started === null ? null : stretch(started, over),
    };
  });
  return { spanMs, ticks: ticks(spanMs), rows };
}

/** Epoch milliseconds. A run so short that its end was its first sign of life is dated back by what it took. */
export const startOf = ({ started_at, finished_at, duration_ms }: JobRun): number | null =>
  started_at ?? (finished_at === null || duration_ms === null ? null : finished_at - duration_ms);

const byTime = (a: JobRun, b: JobRun): number =>
  (startOf(a) ?? a.ready_at ?? Infinity) - (startOf(b) ?? b.ready_at ?? Infinity) || (a.id < b.id ? -1 : 1);

/** Marks at round times: 1, 2 or 5 times a power of ten apart, four to nine of them. */
function ticks(spanMs: number): Waterfall['ticks'] {
  const rough = spanMs / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const stepMs = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const count = Math.floor(spanMs / stepMs + 1e-9) + 1;
  return Array.from({ length: count }, (_, index) => ({ ms: index * stepMs, at: (index * stepMs) / spanMs }));
}
