import type { Job, JobBody, JobCandidate, JobOutput, JobSample } from '@atelier/client-sdk';

/** One finished picture and where it comes from. */
export interface Picture {
  readonly key: string;
  readonly job: Job;
  readonly sample: JobSample;
  readonly candidate: JobCandidate;
  readonly output: JobOutput;
}

/** The chosen pictures of a job, in the order of its samples. */
export function picturesOf(job: Job): Picture[] {
  return job.samples.flatMap((sample) =>
    sample.candidates
      .filter((candidate) => candidate.chosen)
      .flatMap((candidate) =>
        candidate.outputs.map((output) => ({
          key: `${job.id}/${sample.index}/${candidate.index}/${output.index}`,
          job,
          sample,
          candidate,
          output,
        })),
      ),
  );
}

/** The jointly drawn pictures of each sample. */
export const strips = (pictures: readonly Picture[]): Picture[][] => [
  ...Map.groupBy(pictures, ({ job, sample, candidate }) => `${job.id}/${sample.index}/${candidate.index}`).values(),
];

export const isFinished = (job: Pick<Job, 'status'>): boolean => job.status !== 'queued' && job.status !== 'running';

/** Name of the downloaded file: the prompt's words and the seed. */
export function fileName(picture: Picture): string {
  const words = picture.job.prompt
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return `${words.slice(0, 60) || 'picture'}-seed-${picture.candidate.seed}.${picture.job.request.output_format}`;
}

/** Link of the picture that an edit started from; null for what was drawn from words alone. */
export const originalOf = (job: Job): string | null => job.references?.[0]?.url ?? null;

/** The request that gives exactly this picture again: its own seed is the first one of a job with one picture. */
export const redrawBody = ({ job, candidate }: Picture): JobBody => ({
  prompt: job.prompt,
  n: 1,
  best_of: 1,
  size: job.request.size,
  seed: candidate.seed,
  steps: job.request.steps,
  guidance: job.request.guidance,
  ...(job.request.outputs > 1 ? { task: job.task, outputs: job.request.outputs, ...framesOf(job) } : {}),
  ...expansionOf(job),
});

/** The sentences of a storyboard, picture by picture. */
const framesOf = ({ expansions }: Job): Pick<JobBody, 'frames'> =>
  expansions ? { frames: expansions.map(({ original }) => original) } : {};

/** The same for an edit, which names its pictures by their links. */
export function redoEditBody({ job, candidate }: Picture): JobBody {
  const references = job.references ?? [];
  const mask = references.find(({ mask_url }) => mask_url !== undefined)?.mask_url;
  const isOutline = references.some(({ preparation }) => preparation === 'edges' || preparation === 'sketch');
  return {
    prompt: job.prompt,
    images: references.map(({ url }) => url),
    roles: references.map(({ role }) => role),
    task: job.task,
    n: 1,
    size: job.request.size,
    seed: candidate.seed,
    steps: job.request.steps,
    guidance: job.request.guidance,
    ...(mask === undefined ? {} : { mask }),
    ...(job.request.edit_box && mask === undefined ? { edit_box: job.request.edit_box } : {}),
    ...(isOutline ? { control_from: 'picture' as const } : {}),
  };
}

function expansionOf({ request: { expand_prompt } }: Job): Pick<JobBody, 'expand_prompt'> {
  const isKnown = expand_prompt === 'off' || expand_prompt === 'auto' || typeof expand_prompt === 'number';
  return isKnown ? { expand_prompt } : {};
}
