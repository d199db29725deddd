import type { AtelierClient } from '@atelier/client-sdk';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type JobFilter, type JobSearch, searchJobs } from './job-search.js';

export const JOBS_PER_PAGE = 20;

export interface JobPages {
  readonly search: JobSearch | null;
  readonly error: unknown;
  readonly busy: boolean;
  /** Looks for this many jobs in all. */
  readonly want: (count: number) => void;
}

/** The jobs that a filter lets through, newest first, read as far as the shown page needs. */
export function useJobSearch(client: AtelierClient, filter: JobFilter, activity: string): JobPages {
  const [state, setState] = useState<{ search: JobSearch | null; error: unknown }>({ search: null, error: null });
  const [busy, setBusy] = useState(false);
  const current = useRef(new AbortController());
  const { status, text } = filter;

  const look = useCallback(
    async (wanted: number, from: JobSearch | null, signal: AbortSignal) => {
      setBusy(true);
      try {
        const fetchPage = (query: Parameters<Parameters<typeof searchJobs>[0]>[0]) =>
          client.listJobs({ ...query, signal });
        const search = await searchJobs(fetchPage, { status, text }, wanted, from);
        if (!signal.aborted) setState({ search, error: null });
      } catch (error) {
        if (!signal.aborted) setState((before) => ({ ...before, error }));
      }
      if (!signal.aborted) setBusy(false);
    },
    [client, status, text],
  );

  // One job more than a page holds tells whether there is a next page. `activity` changes when a job does.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the activity is the reason to read again
  useEffect(() => {
    const stop = new AbortController();
    current.current = stop;
    void look(JOBS_PER_PAGE + 1, null, stop.signal);
    return () => stop.abort();
  }, [look, activity]);

  return {
    ...state,
    busy,
    want: (count) => {
      if (!busy && state.search) void look(count, state.search, current.current.signal);
    },
  };
}
