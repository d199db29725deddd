import { type AtelierClient, ConflictError, type ImageEditBody, type Job, type JobBody } from '@atelier/client-sdk';
import { useCallback, useEffect, useRef, useState } from 'react';
import { withJob, withJobs, withStarted } from './job-list.js';
import { isFinished } from './pictures.js';
import { advance, type LiveProgress, NO_PROGRESS } from './progress.js';

const RECENT_JOBS = 48;
const QUEUE_REFRESH_MS = 2_000;
/** Jobs may be started elsewhere: by the command line, or on another page. */
const DISCOVER_MS = 5_000;
const DISCOVERED_JOBS = 10;

export interface Jobs {
  /** Newest first; null until the first answer. */
  readonly list: readonly Job[] | null;
  readonly progress: Readonly<Record<string, LiveProgress>>;
  readonly error: unknown;
  /** True once accepted. */
  create(body: JobBody): Promise<boolean>;
  /** True once accepted. */
  edit(body: ImageEditBody): Promise<boolean>;
  cancel(id: string): Promise<void>;
}

/** The recent jobs; unfinished ones are followed by their event streams until they end. */
export function useJobs(client: AtelierClient): Jobs {
  const [list, setList] = useState<readonly Job[] | null>(null);
  const [progress, setProgress] = useState<Readonly<Record<string, LiveProgress>>>({});
  const [error, setError] = useState<unknown>(null);
  const page = useRef(new AbortController());
  const known = useRef(new Set<string>());

  const put = useCallback((job: Job) => {
    known.current.add(job.id);
    setList((before) => withJob(before ?? [], job));
  }, []);

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

  /** Shows jobs that were not known yet, and follows them; returns how many there were. */
  const discover = useCallback(
    async (limit: number): Promise<number> => {
      const { signal } = page.current;
      const { data } = await client.listJobs({ limit, signal });
      const fresh = data.filter(({ id }) => !known.current.has(id));
      for (const { id } of fresh) known.current.add(id);
      setList((before) => withJobs(before ?? [], fresh));
      for (const job of fresh) if (!isFinished(job)) void follow(job.id);
      return fresh.length;
    },
    [client, follow],
  );

  useEffect(() => {
    const controller = new AbortController();
    page.current = controller;
    known.current = new Set();
    discover(RECENT_JOBS).then(
      () => setError(null),
      (cause: unknown) => {
        if (!controller.signal.aborted) setError(cause);
      },
    );
    const timer = setInterval(() => {
      if (!document.hidden) discover(DISCOVERED_JOBS).catch(() => undefined);
    }, DISCOVER_MS);
    return () => {
      clearInterval(timer);
      controller.abort(new DOMException('the page was left', 'AbortError'));
    };
  }, [discover]);

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

  const accept = async (ask: () => Promise<Job>): Promise<boolean> => {
    try {
      const job = await ask();
      setError(null);
      const isNew = !known.current.has(job.id);
      put(job);
      if (isNew) void follow(job.id);
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

  const create = (body: JobBody) => accept(() => client.createJob(body));
  const edit = (body: ImageEditBody) => accept(() => client.createEditJob(body));

  return { list, progress, error, create, edit, cancel };
}
