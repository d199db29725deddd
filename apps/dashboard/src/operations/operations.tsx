import type { AtelierClient, Job, OperationsSnapshot } from '@atelier/client-sdk';
import { useState } from 'react';
import { EmptyState, ErrorNotice } from '../notice.js';
import { usePolling } from '../use-polling.js';
import { JobStages } from './job-stages.js';
import { Failures, Queue, Running, Workers } from './tables.js';
import { Totals } from './totals.js';

const REFRESH_MS = 1_000;
const LISTED_JOBS = 20;

interface OperationsProps {
  readonly client: AtelierClient;
  /** Id of the job whose stages are shown; null shows the newest one. */
  readonly job: string | null;
}

/** What the platform does right now, refreshed every second while the page is visible. */
export function Operations({ client, job: wanted }: OperationsProps) {
  const snapshot = usePolling((signal) => client.operations({ signal }), REFRESH_MS);
  // A job changes only while something waits or runs, and when counts of states change.
  const activity = snapshot.value ? activityOf(snapshot.value) : '';
  const jobs = usePolling((signal) => client.listJobs({ limit: LISTED_JOBS, signal }), REFRESH_MS * 5, activity);
  const [cancelError, setCancelError] = useState<unknown>(null);
  const [lastJobs, setLastJobs] = useState<readonly Job[]>([]);
  if (jobs.value && jobs.value.data !== lastJobs) setLastJobs(jobs.value.data);

  const onCancel = (id: string) => {
    setCancelError(null);
    client.cancelJob(id).catch(setCancelError);
  };
  return (
    <div className="operations">
      <h1>Operations</h1>
      <ErrorNotice error={snapshot.error ?? cancelError} />
      {snapshot.value === null ? (
        snapshot.error === null && <EmptyState>Asking the platform …</EmptyState>
      ) : (
        <>
          <Totals snapshot={snapshot.value} />
          <JobStages client={client} jobs={lastJobs} wanted={wanted} onCancel={onCancel} />
          <div className="operations-columns">
            <Queue rows={snapshot.value.queue} onCancel={onCancel} />
            <Running rows={snapshot.value.running} onCancel={onCancel} />
            <Failures rows={snapshot.value.failures} />
            <Workers rows={snapshot.value.workers} />
          </div>
        </>
      )}
    </div>
  );
}

const activityOf = ({ totals, running }: OperationsSnapshot): string =>
  JSON.stringify([totals.by_state, running.map(({ run }) => run)]);
