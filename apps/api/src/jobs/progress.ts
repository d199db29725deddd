import type { Job } from '@atelier/contracts';
import type { GenerationAggregate, StageRun } from '@atelier/ports';

/** Shares of a job's progress bar. They only have to look right: what is left is told by `predicted_ms`. */
const EXPANSION_SHARE = 0.04;
const DENOISING_SHARE = 0.82;
const DECODING_SHARE = 0.1;
const SCORING_SHARE = 0.04;

/** Progress never goes back while a job runs: every share counts finished runs and finished steps only. */
export function progressOf(
  { generation, runs }: GenerationAggregate,
  linkOf: (key: string) => string,
): Job['progress'] {
  const current = latestActive(runs);
  const previewKey = runs.findLast((run) => run.previewKey !== null)?.previewKey ?? null;
  return {
    value: generation.state === 'succeeded' ? 1 : fractionDone(generation.request, runs),
    stage: current?.stage ?? null,
    step: current?.step ?? null,
    steps: current?.steps ?? null,
    preview_url: previewKey === null ? null : linkOf(previewKey),
  };
}

function fractionDone(
  request: { samples: number; bestOf: number; outputs: number },
  runs: readonly StageRun[],
): number {
  const candidates = request.samples * request.bestOf;
  const done = (stage: StageRun['stage'], expected: number) =>
    Math.min(1, runs.filter((run) => run.stage === stage && run.state === 'completed').length / expected);
  const stepsDone = runs
    .filter((run) => run.stage === 'denoising')
    .reduce((total, run) => total + (run.state === 'completed' ? 1 : (run.step ?? 0) / (run.steps ?? 1)), 0);
  const value =
    EXPANSION_SHARE * done('prompt-expansion', 1) +
    DENOISING_SHARE * Math.min(1, stepsDone / candidates) +
    DECODING_SHARE * done('decoding', candidates * request.outputs) +
    SCORING_SHARE * done('scoring', candidates);
  return Math.min(1, Math.round(value * 1000) / 1000);
}

/** The run that works now; of several the one furthest down the graph, then the one started last. */
function latestActive(runs: readonly StageRun[]): StageRun | undefined {
  const active = runs.filter((run) => run.state === 'running' || run.state === 'dispatched');
  return active.sort((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0))[0];
}
