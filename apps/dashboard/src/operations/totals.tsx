import type { OperationsSnapshot } from '@atelier/client-sdk';
import { JOB_STATES, milliseconds } from '../wording.js';

/** Counts of jobs by state, messages on their way, and the mean time of each stage. */
export function Totals({ snapshot }: { snapshot: OperationsSnapshot }) {
  const { by_state, outbox_pending, stage_ms } = snapshot.totals;
  const stages = Object.entries(stage_ms);
  const slowestMs = Math.max(1, ...stages.map(([, { mean_ms }]) => mean_ms));
  return (
    <div className="totals">
      <section aria-labelledby="totals-jobs">
        <h2 id="totals-jobs">Jobs by state</h2>
        <dl>
          {JOB_STATES.filter((state) => by_state[state]).map((state) => (
            <div key={state} className={`total total-${state}`}>
              <dt>{state}</dt>
              <dd>{by_state[state]?.toLocaleString()}</dd>
            </div>
          ))}
          <div className="total" title="Messages that are stored and wait to be published">
            <dt>outbox</dt>
            <dd>{outbox_pending.toLocaleString()}</dd>
          </div>
        </dl>
      </section>
      {stages.length > 0 && (
        <section aria-labelledby="totals-stages">
          <h2 id="totals-stages">Mean time of a run</h2>
          <dl>
            {stages.map(([stage, { runs, mean_ms }]) => (
              <div key={stage} className="total" data-stage={stage} title={`Mean of ${runs} runs`}>
                <dt>{stage}</dt>
                <dd>{milliseconds(mean_ms)}</dd>
                <span className="total-bar" aria-hidden="true">
                  <span style={{ width: `${(100 * mean_ms) / slowestMs}%` }} />
                </span>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}
