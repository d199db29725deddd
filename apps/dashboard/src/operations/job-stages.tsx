import type { AtelierClient, Job } from '@atelier/client-sdk';
import { EmptyState, ErrorNotice } from '../notice.js';
import { operationsHref } from '../route.js';
import { isFinished } from '../studio/pictures.js';
import { usePolling } from '../use-polling.js';
import { endSentence, milliseconds } from '../wording.js';
import { WaterfallChart } from './waterfall.js';

interface JobStagesProps {
  readonly client: AtelierClient;
  readonly jobs: readonly Job[];
  readonly wanted: string | null;
  readonly onCancel: (id: string) => void;
}

/** The stage waterfall of one job, and the list to choose it from. */
export function JobStages({ client, jobs, wanted, onCancel }: JobStagesProps) {
  const id = wanted ?? jobs[0]?.id ?? null;
  const listed = jobs.find((job) => job.id === id);
  const settled = listed !== undefined && isFinished(listed);
  const polled = usePolling<Job | null>(
    async (signal) => (id === null ? null : client.getJob(id, { signal })),
    settled ? 60_000 : 1_000,
    id ?? '',
  );
  const job = polled.value ?? listed ?? null;
  return (
    <section className="panel job-stages">
      <header className="panel-header">
        <h2>Stages of a job</h2>
        {jobs.length > 0 && <JobChoice jobs={jobs} id={id} />}
      </header>
      <ErrorNotice error={job === null ? polled.error : null} />
      {id === null && <EmptyState>No job yet. Draw a picture in the Studio and come back.</EmptyState>}
      {job && <JobSummary job={job} onCancel={onCancel} />}
      {job && <WaterfallChart job={job} now={Date.now()} />}
      {job && (
        <p className="hint legend">
          <span className="legend-waiting" aria-hidden="true" /> ready, waits for a worker
          <span className="legend-working" aria-hidden="true" /> works
          <span className="legend-failed" aria-hidden="true" /> failed
        </p>
      )}
    </section>
  );
}

function JobChoice({ jobs, id }: { jobs: readonly Job[]; id: string | null }) {
  return (
    <div className="job-choice">
      <label htmlFor="job-choice">Job</label>
      <select
        id="job-choice"
        value={id ?? ''}
        onChange={(event) => {
          location.hash = operationsHref(event.target.value);
        }}
      >
        {id !== null && !jobs.some((job) => job.id === id) && <option value={id}>{id}</option>}
        {jobs.map((job) => (
          <option key={job.id} value={job.id}>
            {`${job.status} · ${shorten(job.prompt)}`}
          </option>
        ))}
      </select>
    </div>
  );
}

function JobSummary({ job, onCancel }: { job: Job; onCancel: (id: string) => void }) {
  const unfinished = !isFinished(job);
  return (
    <div className="job-summary">
      <span className={`state state-${job.status}`}>{job.status}</span>
      <span className="prompt-text">{job.prompt}</span>
      <span className="hint">
        {job.timings.total_ms === null
          ? `${milliseconds(job.timings.compute_ms)} of work so far`
          : `${milliseconds(job.timings.total_ms)}, of which ${milliseconds(job.timings.compute_ms)} in stages`}
      </span>
      {unfinished && (
        <button type="button" onClick={() => onCancel(job.id)}>
          Cancel
        </button>
      )}
      {job.error && <span className="job-cause">{endSentence(job)}</span>}
    </div>
  );
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
