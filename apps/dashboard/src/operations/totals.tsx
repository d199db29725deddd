import type { OperationsSnapshot } from '@atelier/client-sdk';
import { milliseconds } from '../wording.js';

/** Counts of jobs by state, messages on their way, and the mean time of each stage. */
export function Totals({ snapshot }: { snapshot: OperationsSnapshot }) {
  const { by_state, outbox_pending, stage_ms } = snapshot.totals;
  return (
    <dl className="totals" aria-label="Totals">
      {Object.entries(by_state).map(([state, count]) => (
        <Total key={state} name={state} value={String(count)} />
      ))}
      <Total name="messages to send" value={String(outbox_pending)} />
      {Object.entries(stage_ms).map(([stage, { runs, mean_ms }]) => (
        <Total key={stage} name={stage} value={milliseconds(mean_ms)} title={`Mean of ${runs} runs`} stage={stage} />
      ))}
    </dl>
  );
}

function Total(props: { name: string; value: string; title?: string; stage?: string }) {
  return (
    <div title={props.title} data-stage={props.stage}>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}
