import type { AtelierClient, Job } from '@atelier/client-sdk';
import { EmptyState, ErrorNotice } from '../notice.js';
import { isFinished } from '../studio/pictures.js';
import { usePolling } from '../use-polling.js';
import { endSentence, milliseconds, percent } from '../wording.js';
import { summariseStages } from './stage-summary.js';
import { WaterfallChart } from './waterfall.js';

interface JobStagesProps {
  readonly client: AtelierClient;
  /** The newest job, as it was listed. */
  readonly newest: Job | null;
  /** Id of the job to show; null shows the newest one. */
  readonly wanted: string | null;
  readonly onCancel: (id: string) => void;
}

/** How the time of one job was spent, stage by stage. */
export function JobStages({ client, newest, wanted, onCancel }: JobStagesProps) {
  const id = wanted ?? newest?.id ?? null;
  const listed = newest?.id === id ? newest : null;
  const polled = usePolling<Job | null>(
    async (signal) => (id === null ? null : client.getJob(id, { signal })),
    listed !== null && isFinished(listed) ? 60_000 : 1_000,
    id ?? '',
  );
  const job = polled.value ?? listed;
  return (
    <section className="panel job-stages" aria-label="Stages of a job">
      <header className="panel-header">
        <h2>Stages of {wanted === null ? 'the newest job' : 'a job'}</h2>
        {wanted !== null && (
          <a className="follow-newest" href="#/operations">
            Follow the newest
          </a>
        )}
      </header>
      <ErrorNotice error={job === null ? polled.error : null} />
      {id === null && <EmptyState>Its stages appear here as soon as there is one.</EmptyState>}
      {job && (
        <>
          <JobSummary job={job} onCancel={onCancel} />
          <WaterfallChart job={job} now={Date.now()} />
          {job.runs.length > new Set(job.runs.map(({ stage }) => stage)).size && <StageTable job={job} />}
        </>
      )}
    </section>
  );
}

function JobSummary({ job, onCancel }: { job: Job; onCancel: (id: string) => void }) {
  const { total_ms, compute_ms } = job.timings;
  return (
    <div className="job-summary">
      <p>
        <span className={`state state-${job.status}`}>{job.status}</span>
        <span className="prompt-text">{job.prompt}</span>
      </p>
      {job.error && <p className="job-cause">{endSentence(job)}</p>}
      <p className="hint">
        {total_ms === null
          ? `${milliseconds(compute_ms)} of work so far`
          : `${milliseconds(total_ms)} from accepted to done, ${milliseconds(compute_ms)} of work in stages`}
        {job.queue && `. ${job.queue.reason}`}
      </p>
      <p className="hint job-id">{job.id}</p>
      {!isFinished(job) && (
        <button type="button" className="small" onClick={() => onCancel(job.id)}>
          Cancel
        </button>
      )}
    </div>
  );
}

/** The sums per stage: wanted where a job has several pictures or candidates. */
function StageTable({ job }: { job: Job }) {
  return (
    <table className="stage-table">
      <caption>All runs of a stage together</caption>
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col" className="number">
            Runs
          </th>
          <th scope="col" className="number">
            Waited
          </th>
          <th scope="col" className="number">
            Worked
          </th>
          <th scope="col" className="number">
            Share
          </th>
        </tr>
      </thead>
      <tbody>
        {summariseStages(job).map(({ stage, runs, repeated, waitedMs, workedMs, share }) => (
          <tr key={stage}>
            <th scope="row">
              <span className="stage-name" data-stage={stage}>
                {stage}
              </span>
            </th>
            <td className="number">
              {runs}
              {repeated > 0 && <span className="hint"> ({repeated} repeated)</span>}
            </td>
            <td className="number">{milliseconds(waitedMs)}</td>
            <td className="number">{milliseconds(workedMs)}</td>
            <td className="number">{percent(share)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
