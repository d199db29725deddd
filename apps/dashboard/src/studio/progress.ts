import type { EventLogEntry, Job, JobStreamEvent, Stage } from '@atelier/client-sdk';

/** What the stream of a job has told so far. */
export interface LiveProgress {
  readonly stage: Stage | null;
  readonly step: number | null;
  readonly steps: number | null;
  /** Share of the work that is done, for each candidate that has begun; keyed `sample/candidate`. */
  readonly done: Readonly<Record<string, number>>;
  /** Link of the latest preview of each sample. */
  readonly previews: Readonly<Record<number, string>>;
  /** Share done when the stream was opened: the log before it is not replayed. */
  readonly floor: number;
  readonly retrying: boolean;
  /** Ids of the runs that a worker is busy with. */
  readonly running: readonly string[];
}

export const NO_PROGRESS: LiveProgress = {
  stage: null,
  step: null,
  steps: null,
  done: {},
  previews: {},
  floor: 0,
  retrying: false,
  running: [],
};

/** Rough share of a candidate's time that is over once the stage has ended; denoising takes nearly all of it. */
const DONE_AFTER: Readonly<Record<Stage, number>> = {
  'prompt-expansion': 0.02,
  'reference-encoding': 0.05,
  denoising: 0.92,
  decoding: 0.97,
  scoring: 1,
};

const STAGE_PHRASES: Readonly<Record<Stage, string>> = {
  'prompt-expansion': 'Reading the prompt',
  'reference-encoding': 'Reading the references',
  denoising: 'Drawing',
  decoding: 'Developing the picture',
  scoring: 'Checking the picture',
};

export function advance(before: LiveProgress, event: JobStreamEvent): LiveProgress {
  if (event.kind === 'snapshot') {
    const { value, stage, step, steps, preview_url } = event.job.progress;
    const previews = preview_url === null ? before.previews : { ...before.previews, 0: preview_url };
    const running = event.job.runs
      .filter((run) => run.started_at !== null && run.finished_at === null)
      .map(({ id }) => id);
    return { ...before, floor: Math.max(before.floor, value), stage, step, steps, previews, running };
  }
  const { entry, preview_url } = event;
  const stage = entry.stage ?? before.stage;
  const previews =
    preview_url === undefined ? before.previews : { ...before.previews, [entry.sampleIndex ?? 0]: preview_url };
  const progressed = entry.type === 'stage.progressed';
  return {
    ...before,
    stage,
    previews,
    step: progressed ? numberOf(entry.data.step) : entry.type === 'stage.started' ? null : before.step,
    steps: progressed ? numberOf(entry.data.steps) : before.steps,
    done: doneAfter(before.done, entry),
    running: runningAfter(before.running, entry),
    retrying: entry.type === 'stage.retrying' || (before.retrying && entry.type !== 'stage.started'),
  };
}

function runningAfter(running: readonly string[], { type, runId }: EventLogEntry): readonly string[] {
  if (runId === undefined) return running;
  if (type === 'stage.completed' || type === 'stage.failed' || type === 'stage.retrying') {
    return running.filter((id) => id !== runId);
  }
  const works = type === 'stage.started' || type === 'stage.progressed';
  return works && !running.includes(runId) ? [...running, runId] : running;
}

function doneAfter(done: LiveProgress['done'], entry: EventLogEntry): LiveProgress['done'] {
  if (entry.stage === undefined || entry.sampleIndex === undefined) return done;
  const key = `${entry.sampleIndex}/${entry.candidateIndex ?? 0}`;
  if (entry.type === 'stage.completed') return { ...done, [key]: DONE_AFTER[entry.stage] };
  const step = numberOf(entry.data.step);
  const steps = numberOf(entry.data.steps);
  if (entry.type !== 'stage.progressed' || step === null || !steps) return done;
  return { ...done, [key]: (step / steps) * DONE_AFTER.denoising };
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** 0..1 over all candidates of the job. */
export function shareDone(progress: LiveProgress, request: Pick<Job['request'], 'n' | 'best_of'>): number {
  const sum = Object.values(progress.done).reduce((total, share) => total + share, 0);
  return Math.min(1, Math.max(progress.floor, sum / (request.n * request.best_of)));
}

/** What happens now, in words: where it waits and why, or the stage and its step. */
export function progressText(job: Pick<Job, 'queue'>, progress: LiveProgress): string {
  if (progress.retrying && progress.stage) return `${STAGE_PHRASES[progress.stage]} did not work, trying again`;
  if (progress.stage === null || progress.running.length === 0) {
    if (!job.queue) return progress.stage === null ? 'Waiting to start' : 'Waiting for a worker';
    const place = job.queue.position === 0 ? 'Next in the queue' : `Place ${job.queue.position + 1} in the queue`;
    return job.queue.reason === '' ? place : `${place}: ${job.queue.reason}`;
  }
  const counts = progress.stage === 'denoising' && progress.step !== null && progress.steps !== null;
  return STAGE_PHRASES[progress.stage] + (counts ? `, step ${progress.step} of ${progress.steps}` : '');
}
