import type { AtelierClient, Job } from '@atelier/client-sdk';
import { type KeyboardEvent, useDeferredValue, useEffect, useRef, useState } from 'react';
import { EmptyState, ErrorNotice } from '../notice.js';
import { operationsHref } from '../route.js';
import { JOB_STATES, milliseconds, moment } from '../wording.js';
import { type Column, DataTable } from './data-table.js';
import { type JobFilter, NO_FILTER } from './job-search.js';
import { Pager } from './pager.js';
import { JOBS_PER_PAGE, useJobSearch } from './use-job-search.js';

interface JobsPanelProps {
  readonly client: AtelierClient;
  /** Changes whenever a job may have. */
  readonly activity: string;
  readonly currentId: string | null;
  /** Told the newest job that the filter lets through, to have something to show. */
  readonly onNewest: (job: Job | null) => void;
}

/** All jobs, filtered by state and words, in pages. Arrow keys walk through the rows, `/` goes to the search field. */
export function JobsPanel({ client, activity, currentId, onNewest }: JobsPanelProps) {
  const [filter, setFilter] = useState<JobFilter>(NO_FILTER);
  const [page, setPage] = useState(0);
  const searched = useDeferredValue(filter);
  // Later pages stand still while new jobs come: rows must not move away from under the reader.
  const shownActivity = useRef(activity);
  if (page === 0) shownActivity.current = activity;
  const { search, error, busy, want } = useJobSearch(client, searched, shownActivity.current);
  const found = search?.found ?? [];
  const rows = found.slice(page * JOBS_PER_PAGE, (page + 1) * JOBS_PER_PAGE);
  const [newest] = found;
  useEffect(() => onNewest(newest ?? null), [newest, onNewest]);
  const change = (part: Partial<JobFilter>) => {
    setFilter({ ...filter, ...part });
    setPage(0);
  };
  const toPage = (next: number) => {
    setPage(next);
    want((next + 1) * JOBS_PER_PAGE + 1);
  };
  const filtered = filter.status !== '' || filter.text !== '';
  const stopped = search !== null && search.cursor !== null && found.length <= (page + 1) * JOBS_PER_PAGE;
  return (
    <section className="panel jobs" aria-label="Jobs" aria-busy={busy}>
      <header className="panel-header">
        <h2>Jobs</h2>
        <Filters filter={filter} change={change} />
      </header>
      <ErrorNotice error={error} />
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noStaticElementInteractions: the keys move between the links inside, which are interactive
        <div onKeyDown={walkRows}>
          <DataTable rows={rows} keyOf={({ id }) => id} columns={COLUMNS} currentKey={currentId} />
        </div>
      )}
      {search === null && error === null && <EmptyState>Reading the jobs …</EmptyState>}
      {search !== null && rows.length === 0 && !busy && (
        <EmptyState title={filtered ? 'No job fits' : 'No job yet'}>
          {filtered ? `None of the newest ${search.scanned} jobs does.` : 'Draw a picture in the Studio and come back.'}
        </EmptyState>
      )}
      {stopped && (
        <p className="search-further">
          <span className="hint">Looked at the newest {search.scanned} jobs.</span>
          <button type="button" className="small" disabled={busy} onClick={() => want((page + 1) * JOBS_PER_PAGE + 1)}>
            Look further
          </button>
        </p>
      )}
      <Pager
        label="jobs"
        page={page}
        pageSize={JOBS_PER_PAGE}
        shown={rows.length}
        total={search?.cursor === null ? found.length : null}
        hasNext={found.length > (page + 1) * JOBS_PER_PAGE}
        onPage={toPage}
      />
    </section>
  );
}

function Filters({ filter, change }: { filter: JobFilter; change: (part: Partial<JobFilter>) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const typing = event.target instanceof Element && event.target.closest('input, textarea, select, dialog');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <search className="filters">
      <input
        ref={field}
        type="search"
        aria-label="Find jobs"
        aria-keyshortcuts="/"
        placeholder="Prompt, id or cause"
        value={filter.text}
        onChange={(event) => change({ text: event.target.value })}
      />
      <select
        aria-label="State"
        value={filter.status}
        onChange={(event) => change({ status: event.target.value as JobFilter['status'] })}
      >
        <option value="">every state</option>
        {JOB_STATES.map((state) => (
          <option key={state}>{state}</option>
        ))}
      </select>
    </search>
  );
}

const COLUMNS: readonly Column<Job>[] = [
  { head: 'State', cell: ({ status }) => <span className={`state state-${status}`}>{status}</span> },
  {
    head: 'Prompt',
    cell: (job) => (
      <>
        <a className="job-link" href={operationsHref(job.id)} title={job.prompt}>
          {job.prompt}
        </a>
        {job.error && <span className="job-cause">{job.error.message}</span>}
      </>
    ),
  },
  { head: 'Accepted', numeric: true, cell: ({ created_at }) => moment(created_at, Date.now()) },
  { head: 'Took', numeric: true, cell: ({ timings }) => milliseconds(timings.total_ms) },
];

/** Arrow keys, Home and End move the focus between the links of the rows. */
function walkRows(event: KeyboardEvent<HTMLElement>): void {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('.job-link')];
  const at = links.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  links[to]?.focus();
}
