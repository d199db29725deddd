import type { Job, JobRun } from '@atelier/client-sdk';
import { milliseconds, sentence } from '../wording.js';
import { waitedMs } from './stage-summary.js';
import { type Stretch, type WaterfallRow, waterfall } from './waterfall-scale.js';

/** The runs of a job as bars over time, hatched while ready and waiting, filled while working; the figures beside them. */
export function WaterfallChart({ job, now }: { job: Job; now: number }) {
  const { spanMs, ticks, rows } = waterfall(job, now);
  const parts = job.request.n * job.request.best_of > 1;
  return (
    <figure className="waterfall">
      <figcaption className="for-screen-readers">Stages of the job over {milliseconds(spanMs)}</figcaption>
      <div className="waterfall-row waterfall-axis" aria-hidden="true">
        <span />
        <div className="waterfall-track">
          {ticks.map(({ ms, at }) => (
            <span key={ms} className="tick" style={{ left: share(at) }}>
              {ms === 0 ? '0' : milliseconds(ms)}
            </span>
          ))}
        </div>
        <span className="run-time run-waited">waited</span>
        <span className="run-time">worked</span>
      </div>
      <ol className="waterfall-rows">
        {rows.map((row) => (
          <Row key={row.run.id} row={row} part={parts ? partName(row.run) : ''} ticks={ticks.map(({ at }) => at)} />
        ))}
      </ol>
      <p className="hint legend" aria-hidden="true">
        <span className="legend-waiting">ready, waits for a worker</span>
        <span>works</span>
        <span className="legend-failed">failed</span>
      </p>
    </figure>
  );
}

function Row({ row, part, ticks }: { row: WaterfallRow; part: string; ticks: readonly number[] }) {
  const { run, waiting, working } = row;
  const waited = waitedMs(run);
  return (
    <li className="waterfall-row" data-stage={run.stage} title={runTitle(run)}>
      <span className="run-name">
        {run.stage}
        {part !== '' && <span className="hint">{part}</span>}
        {run.cache_hit === true && <span className="hint">from the cache</span>}
      </span>
      <div className="waterfall-track" aria-hidden="true">
        {ticks.map((at) => (
          <span key={at} className="grid-line" style={{ left: share(at) }} />
        ))}
        {waiting && waiting.length > 0 && <span className="bar bar-waiting" style={place(waiting)} />}
        {working && <span className={`bar bar-working${run.error ? ' bar-failed' : ''}`} style={place(working)} />}
      </div>
      <span className="run-time run-waited">
        <span className="for-screen-readers">waited </span>
        {milliseconds(waited)}
      </span>
      <span className="run-time">
        <span className="for-screen-readers">worked </span>
        {run.duration_ms === null ? run.state : milliseconds(run.duration_ms)}
      </span>
      {(run.error || run.attempt > 1) && (
        <span className="run-note">
          {run.attempt > 1 && `Attempt ${run.attempt}. `}
          {run.error && (
            <>
              {sentence(run.error.message)} <code>{run.error.code}</code>
            </>
          )}
        </span>
      )}
    </li>
  );
}

const share = (part: number): string => `${(part * 100).toFixed(3)}%`;
const place = ({ from, length }: Stretch) => ({ left: share(from), width: share(length) });

/** Which picture of the job a run works on; empty when it works for all. */
function partName({ sample, candidate }: JobRun): string {
  if (sample === null) return '';
  return candidate === null ? `picture ${sample + 1}` : `picture ${sample + 1}, candidate ${candidate + 1}`;
}

function runTitle(run: JobRun): string {
  return [
    `${run.stage}: ${run.state}, attempt ${run.attempt}`,
    `predicted ${milliseconds(run.predicted_ms)}`,
    run.worker === null ? '' : `on ${run.worker}`,
  ]
    .filter(Boolean)
    .join('\n');
}
