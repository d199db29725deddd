import { type AtelierClient, ConflictError, type Job, type JobBody } from '@atelier/client-sdk';
import { useCallback, useEffect, useRef, useState } from 'react';
import { isFinished } from './pictures.js';
import { advance, type LiveProgress, NO_PROGRESS } from './progress.js';

const RECENT_JOBS = 48;
const QUEUE_REFRESH_MS = 2_000;

export interface Jobs {
  /** Newest first; null until the first answer. */
  readonly list: readonly Job[] | null;
  readonly progress: Readonly<Record<string, LiveProgress>>;
  readonly error: unknown;
  /** True once accepted. */
  create(body: JobBody): Promise<boolean>;
  cancel(id: string): Promise<void>;
}

/** The recent jobs; unfinished ones are followed by their event streams until they end. */
export function useJobs(client: AtelierClient): Jobs {
  const [list, setList] = useState<readonly Job[] | null>(null);
  const [progress, setProgress] = useState<Readonly<Record<string, LiveProgress>>>({});
  const [error, setError] = useState<unknown>(null);
  const page = useRef(new AbortController());

  const put = useCallback((job: Job) => setList((before) => withJob(before ?? [], job)), []);

  const follow = useCallback(
    async (id: string) => {
      const { signal } = page.current;
      try {
        for await (const event of client.streamJob(id, { signal })) {
          if (signal.aborted) return;
          if (event.kind === 'snapshot') put(event.job);
          else setList((before) => before && withStarted(before, id));
          setProgress((before) => ({ ...before, [id]: advance(before[id] ?? NO_PROGRESS, event) }));
        }
        put(await client.getJob(id, { signal }));
      } catch (cause) {
        if (!signal.aborted) setError(cause);
      }
    },
    [client, put],
  );

  useEffect(() => {
    const controller = new AbortController();
    page.current = controller;
    client.listJobs({ limit: RECENT_JOBS, signal: controller.signal }).then(
      ({ data }) => {
        setList((before) => data.reduceRight<readonly Job[]>(withJob, before ?? []));
        setError(null);
        for (const job of data) if (!isFinished(job)) void follow(job.id);
      },
      (cause: unknown) => {
        if (!controller.signal.aborted) setError(cause);
      },
    );
    return () => controller.abort(new DOMException('the page was left', 'AbortError'));
  }, [client, follow]);

  // The stream tells what a job does, not how the queue before it shrinks.
  const unfinishedIds = (list ?? [])
    .filter((job) => !isFinished(job))
    .map((job) => job.id)
    .join(' ');
  useEffect(() => {
    if (unfinishedIds === '') return;
    const timer = setInterval(() => {
      if (document.hidden) return;
      // A missed refresh is made up by the next one; the stream reports a server that is gone.
      for (const id of unfinishedIds.split(' ')) client.getJob(id).then(put, () => undefined);
    }, QUEUE_REFRESH_MS);
    return () => clearInterval(timer);
  }, [client, put, unfinishedIds]);

  const create = async (body: JobBody): Promise<boolean> => {
    try {
      const job = await client.createJob(body);
      setError(null);
      put(job);
      void follow(job.id);
      return true;
    } catch (cause) {
      setError(cause);
      return false;
    }
  };

  const cancel = async (id: string): Promise<void> => {
    try {
      put(await client.cancelJob(id));
    } catch (cause) {
      // It was finished a moment before: there is nothing left to stop.
      if (cause instanceof ConflictError) put(await client.getJob(id));
      else setError(cause);
    }
  };

  return { list, progress, error, create, cancel };
}

/** Replaces the job, or puts it in front; an older view never overwrites how a job ended. */
function withJob(list: readonly Job[], job: Job): readonly Job[] {
  const known = list.find((other) => other.id === job.id);
  if (!known) return [job, ...list];
  if (isFinished(known) && !isFinished(job)) return list;
  return list.map((other) => (other.id === job.id ? job : other));
}

const withStarted = (list: readonly Job[], id: string): readonly Job[] =>
  list.some((job) => job.id === id && job.status === 'queued')
    ? list.map((job) => (job.id === id && job.status === 'queued' ? { ...job, status: 'running', queue: null } : job))
    : list;
