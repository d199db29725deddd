import type { Job, JobList } from '@atelier/client-sdk';

export interface JobFilter {
  /** Empty: every state. */
  readonly status: Job['status'] | '';
  /** Words that must all be found in the prompt, the id, the model, the task or the cause. Empty: every job. */
  readonly text: string;
}

export const NO_FILTER: JobFilter = { status: '', text: '' };

/** Where a search stands: what it has found, and where it goes on. */
export interface JobSearch {
  readonly found: readonly Job[];
  /** Jobs that were looked at. */
  readonly scanned: number;
  /** Null once the oldest job was looked at. */
  readonly cursor: string | null;
}

type FetchPage = (query: { limit: number; cursor?: string; status?: Job['status'] }) => Promise<JobList>;

/** Largest page that the API gives. */
const SCAN_PAGE = 100;
/** One search looks at no more jobs than this, so that a rare word does not read the whole history unasked. */
export const SCAN_LIMIT = 1_000;

/**
 * Goes on until `wanted` jobs are found, the history ends, or `SCAN_LIMIT` further jobs were looked at. The server
 * filters by state; it has no search for text, so that is done here.
 */
export async function searchJobs(
  fetchPage: FetchPage,
  filter: JobFilter,
  wanted: number,
  from: JobSearch | null,
): Promise<JobSearch> {
  let search: JobSearch = from ?? { found: [], scanned: 0, cursor: null };
  if (from !== null && from.cursor === null) return from;
  const last = search.scanned + SCAN_LIMIT;
  const words = wordsOf(filter.text);
  do {
    const page = await fetchPage({
      limit: words.length === 0 ? Math.min(SCAN_PAGE, wanted - search.found.length) : SCAN_PAGE,
      ...(search.cursor === null ? {} : { cursor: search.cursor }),
      ...(filter.status === '' ? {} : { status: filter.status }),
    });
    search = {
      found: [...search.found, ...page.data.filter((job) => matches(job, words))],
      scanned: search.scanned + page.data.length,
      cursor: page.next_cursor,
    };
  } while (search.cursor !== null && search.found.length < wanted && search.scanned < last);
  return search;
}

const wordsOf = (text: string): string[] => text.toLowerCase().split(/\s+/).filter(Boolean);

function matches({ prompt, id, model, task, status, error }: Job, words: readonly string[]): boolean {
  const text = [prompt, id, model, task, status, error?.code, error?.message].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}
