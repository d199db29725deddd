import type { OperationsSnapshot } from '@atelier/client-sdk';
import { EmptyState } from '../notice.js';
import { operationsHref } from '../route.js';
import { milliseconds, sentence } from '../wording.js';

type Rows<K extends 'queue' | 'running' | 'workers' | 'failures'> = { readonly rows: OperationsSnapshot[K] };
type Cancelable = { readonly onCancel: (id: string) => void };

/** Runs that could start, in the order in which they will. */
export function Queue({ rows, onCancel }: Rows<'queue'> & Cancelable) {
  return (
    <Panel title="Queue" count={rows.length} empty="Nothing waits.">
      <Table heads={['Place', 'Stage', 'Why it waits', 'Waiting', 'Priority', 'Job', '']}>
        {rows.map((row) => (
          <tr key={row.run}>
            <td className="number">{row.position + 1}</td>
            <StageCell stage={row.stage} />
            <td>{sentence(row.reason)}</td>
            <td className="number">{milliseconds(row.waiting_ms)}</td>
            <td>{row.priority}</td>
            <JobCell job={row.job} />
            <CancelCell job={row.job} onCancel={onCancel} />
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

export function Running({ rows, onCancel }: Rows<'running'> & Cancelable) {
  return (
    <Panel title="Running" count={rows.length} empty="No stage works right now.">
      <Table heads={['Stage', 'Step', 'For', 'Lease left', 'Worker', 'Job', '']}>
        {rows.map((row) => (
          <tr key={row.run}>
            <StageCell stage={row.stage} />
            <td className="number">{row.step === null ? '–' : `${row.step} / ${row.steps ?? '?'}`}</td>
            <td className="number">{milliseconds(row.running_ms)}</td>
            <td className="number">{milliseconds(Math.max(0, row.lease_left_ms))}</td>
            <td>
              {row.worker}
              {row.attempt > 1 && <span className="hint"> attempt {row.attempt}</span>}
            </td>
            <JobCell job={row.job} />
            <CancelCell job={row.job} onCancel={onCancel} />
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

export function Workers({ rows }: Rows<'workers'>) {
  return (
    <Panel title="Workers" count={rows.length} empty="No worker has reported yet; jobs wait until one does.">
      <Table heads={['Worker', 'Stage', 'Busy', 'Last seen']}>
        {rows.map((row) => (
          <tr key={`${row.id} ${row.stage}`}>
            <td>{row.id}</td>
            <StageCell stage={row.stage} />
            <td className="number">
              {row.in_flight} of {row.capacity}
            </td>
            <td className="number">{milliseconds(Math.max(0, row.seen_ms_ago))} ago</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

export function Failures({ rows }: Rows<'failures'>) {
  return (
    <Panel title="Failures" count={rows.length} empty="Nothing has failed.">
      <Table heads={['When', 'Stage', 'Cause', 'Attempt', 'Job']}>
        {rows.map((row) => (
          <tr key={`${row.job} ${row.at} ${row.stage} ${row.attempt}`}>
            <td className="number">{new Date(row.at).toLocaleTimeString()}</td>
            {row.stage === null ? <td>–</td> : <StageCell stage={row.stage} />}
            <td>
              {sentence(row.message)} <code>{row.code}</code>
              {row.detail !== null && <span className="failure-detail">{row.detail}</span>}
            </td>
            <td className="number">{row.attempt}</td>
            <JobCell job={row.job} />
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

function Panel(props: { title: string; count: number; empty: string; children: React.ReactNode }) {
  return (
    <section className="panel" aria-label={props.title}>
      <header className="panel-header">
        <h2>{props.title}</h2>
        {props.count > 0 && <span className="count">{props.count}</span>}
      </header>
      {props.count === 0 ? <EmptyState>{props.empty}</EmptyState> : props.children}
    </section>
  );
}

function Table({ heads, children }: { heads: readonly string[]; children: React.ReactNode }) {
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head === '' ? <span className="for-screen-readers">Actions</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

const StageCell = ({ stage }: { stage: string }) => (
  <td>
    <span className="stage-name" data-stage={stage}>
      {stage}
    </span>
  </td>
);

const JobCell = ({ job }: { job: string }) => (
  <td>
    <a href={operationsHref(job)} title={job}>
      …{job.slice(-6)}
    </a>
  </td>
);

const CancelCell = ({ job, onCancel }: { job: string } & Cancelable) => (
  <td>
    <button type="button" className="small" onClick={() => onCancel(job)}>
      Cancel<span className="for-screen-readers"> job {job}</span>
    </button>
  </td>
);
