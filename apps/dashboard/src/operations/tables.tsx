import type { OperationsSnapshot } from '@atelier/client-sdk';
import { operationsHref } from '../route.js';
import { milliseconds, sentence } from '../wording.js';
import { type Column, DataPanel } from './data-table.js';

type Row<K extends 'queue' | 'running' | 'workers' | 'failures'> = OperationsSnapshot[K][number];
type Rows<K extends 'queue' | 'running' | 'workers' | 'failures'> = { readonly rows: readonly Row<K>[] };
type Cancelable = { readonly onCancel: (id: string) => void };

/** Runs that could start, in the order in which they will. */
export function Queue({ rows, onCancel }: Rows<'queue'> & Cancelable) {
  const columns: Column<Row<'queue'>>[] = [
    { head: 'Place', numeric: true, cell: ({ position }) => position + 1 },
    { head: 'Stage', cell: stageCell },
    { head: 'Why it waits', long: true, cell: ({ reason }) => sentence(reason) },
    { head: 'Waiting', numeric: true, cell: ({ waiting_ms }) => milliseconds(waiting_ms) },
    { head: 'Priority', cell: ({ priority }) => priority },
    { head: 'Job', cell: jobCell },
    { head: 'Actions', actions: true, cell: cancelCell(onCancel) },
  ];
  return <DataPanel title="Queue" empty="Nothing waits." rows={rows} keyOf={({ run }) => run} columns={columns} />;
}

export function Running({ rows, onCancel }: Rows<'running'> & Cancelable) {
  const columns: Column<Row<'running'>>[] = [
    { head: 'Stage', cell: stageCell },
    { head: 'Step', numeric: true, cell: ({ step, steps }) => (step === null ? '–' : `${step} / ${steps ?? '?'}`) },
    { head: 'For', numeric: true, cell: ({ running_ms }) => milliseconds(running_ms) },
    { head: 'Lease left', numeric: true, cell: ({ lease_left_ms }) => milliseconds(Math.max(0, lease_left_ms)) },
    {
      head: 'Worker',
      cell: ({ worker, attempt }) => (
        <>
          {worker}
          {attempt > 1 && <span className="hint"> attempt {attempt}</span>}
        </>
      ),
    },
    { head: 'Job', cell: jobCell },
    { head: 'Actions', actions: true, cell: cancelCell(onCancel) },
  ];
  return (
    <DataPanel title="Running" empty="No stage works now." rows={rows} keyOf={({ run }) => run} columns={columns} />
  );
}

export function Workers({ rows }: Rows<'workers'>) {
  const columns: Column<Row<'workers'>>[] = [
    { head: 'Worker', cell: ({ id }) => id },
    { head: 'Stage', cell: stageCell },
    { head: 'Slots', cell: ({ in_flight, capacity }) => <Slots busy={in_flight} all={capacity} /> },
    { head: 'Last seen', numeric: true, cell: ({ seen_ms_ago }) => `${milliseconds(Math.max(0, seen_ms_ago))} ago` },
  ];
  return (
    <DataPanel
      title="Workers"
      empty="No worker has reported yet; jobs wait until one does."
      rows={rows}
      keyOf={({ id, stage }) => `${id} ${stage}`}
      columns={columns}
    />
  );
}

export function Failures({ rows }: Rows<'failures'>) {
  const columns: Column<Row<'failures'>>[] = [
    { head: 'When', numeric: true, cell: ({ at }) => new Date(at).toLocaleTimeString() },
    { head: 'Stage', cell: ({ stage }) => (stage === null ? '–' : stageCell({ stage })) },
    {
      head: 'Cause',
      long: true,
      cell: ({ message, code, detail }) => (
        <>
          {sentence(message)} <code>{code}</code>
          {detail !== null && <FailureDetail detail={detail} />}
        </>
      ),
    },
    { head: 'Attempt', numeric: true, cell: ({ attempt }) => attempt },
    { head: 'Job', cell: jobCell },
  ];
  return (
    <DataPanel
      title="Failures"
      empty="Nothing has failed."
      rows={rows}
      keyOf={({ job, at, stage, attempt }) => `${job} ${at} ${stage} ${attempt}`}
      columns={columns}
    />
  );
}

/** The first line; the rest, often a stack, on demand. */
function FailureDetail({ detail }: { detail: string }) {
  const [first = '', ...rest] = detail.split('\n');
  if (rest.length === 0) return <span className="failure-detail">{first}</span>;
  return (
    <details className="failure-detail">
      <summary>{first}</summary>
      <pre>{rest.join('\n')}</pre>
    </details>
  );
}

/** One dot for each slot, filled while it works; figures alone where there are too many to see. */
function Slots({ busy, all }: { busy: number; all: number }) {
  const dots = all <= 12 ? Array.from({ length: all }, (_, index) => index < busy) : [];
  return (
    <span className="slots">
      <span className="slot-dots" aria-hidden="true">
        {dots.map((works, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a slot has no other name than its place
          <span key={index} className={works ? 'slot slot-busy' : 'slot'} />
        ))}
      </span>
      {busy} of {all}
    </span>
  );
}

const stageCell = ({ stage }: { stage: string }) => (
  <span className="stage-name" data-stage={stage}>
    {stage}
  </span>
);

const jobCell = ({ job }: { job: string }) => (
  <a href={operationsHref(job)} title={job}>
    …{job.slice(-6)}
  </a>
);

const cancelCell =
  (onCancel: (id: string) => void) =>
  ({ job }: { job: string }) => (
    <button type="button" className="small" onClick={() => onCancel(job)}>
      Cancel<span className="for-screen-readers"> job {job}</span>
    </button>
  );
