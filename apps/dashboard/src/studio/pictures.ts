import type { ImageEditBody, Job, JobBody, JobCandidate, JobOutput, JobSample } from '@atelier/client-sdk';

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
  ...expansionOf(job),
});

/** The same for an edit, which needs its original once more. */
export const redoEditBody = ({ job, candidate }: Picture, original: Blob): ImageEditBody => ({
  prompt: job.prompt,
  images: [original],
  task: job.task,
  n: 1,
  seed: candidate.seed,
});

function expansionOf({ request: { expand_prompt } }: Job): Pick<JobBody, 'expand_prompt'> {
  const isKnown = expand_prompt === 'off' || expand_prompt === 'auto' || typeof expand_prompt === 'number';
  return isKnown ? { expand_prompt } : {};
}
