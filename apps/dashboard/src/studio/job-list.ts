import type { Job } from '@atelier/client-sdk';
import { isFinished } from './pictures.js';

type List = readonly Job[];

/** Replaces the job, or puts it in its place by age; an older view never overwrites how a job ended. */
export function withJob(list: List, job: Job): List {
  const known = list.find((other) => other.id === job.id);
  if (known) {
    if (isFinished(known) && !isFinished(job)) return list;
    return list.map((other) => (other.id === job.id ? job : other));
  }
  const place = list.findIndex((other) => other.created_at <= job.created_at);
  return place < 0 ? [...list, job] : list.toSpliced(place, 0, job);
}

/** The same for jobs that are listed newest first. */
export const withJobs = (list: List, jobs: List): List => jobs.reduceRight<List>(withJob, list);

/** Marks a waiting job as running: its stream has told so before the next full view comes. */
export const withStarted = (list: List, id: string): List =>
  list.some((job) => job.id === id && job.status === 'queued')
    ? list.map((job) => (job.id === id && job.status === 'queued' ? { ...job, status: 'running', queue: null } : job))
    : list;
