import type { AtelierClient, Job, OperationsSnapshot } from '@atelier/client-sdk';
import { useState } from 'react';
import { EmptyState, ErrorNotice } from '../notice.js';
import { usePolling } from '../use-polling.js';
import { JobStages } from './job-stages.js';
import { JobsPanel } from './jobs-panel.js';
import { Failures, Queue, Running, Workers } from './tables.js';
import { Totals } from './totals.js';

const REFRESH_MS = 1_000;

interface OperationsProps {
  readonly client: AtelierClient;
  /** Id of the job whose stages are shown; null shows the newest one. */
  readonly job: string | null;
}

/** What the platform does right now, refreshed every second while the page is visible. */
export function Operations({ client, job: wanted }: OperationsProps) {
  const snapshot = usePolling((signal) => client.operations({ signal }), REFRESH_MS);
  const [cancelError, setCancelError] = useState<unknown>(null);
  const [newest, setNewest] = useState<Job | null>(null);
  const onCancel = (id: string) => {
    setCancelError(null);
    client.cancelJob(id).catch(setCancelError);
  };
  const now = snapshot.value;
  return (
    <div className="operations">
      <h1>Operations</h1>
      <ErrorNotice error={snapshot.error ?? cancelError} />
      {now === null && snapshot.error === null && <EmptyState>Asking the platform …</EmptyState>}
      {now !== null && (
        <>
          <Totals snapshot={now} />
          <div className="operations-jobs">
            <JobsPanel
              client={client}
              activity={activityOf(now)}
              currentId={wanted ?? newest?.id ?? null}
              onNewest={setNewest}
            />
            <JobStages client={client} newest={newest} wanted={wanted} onCancel={onCancel} />
          </div>
          <div className="operations-columns">
            <Queue rows={now.queue} onCancel={onCancel} />
            <Running rows={now.running} onCancel={onCancel} />
            <Failures rows={now.failures} />
            <Workers rows={now.workers} />
          </div>
        </>
      )}
    </div>
  );
}

/** A job changes only while something waits or runs, and when counts of states change. */
const activityOf = ({ totals, running }: OperationsSnapshot): string =>
  JSON.stringify([totals.by_state, running.map(({ run }) => run)]);
