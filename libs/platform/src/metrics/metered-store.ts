import type { GenerationStore, Telemetry, Transition } from '@atelier/ports';
import { DURATION_BOUNDS_S } from './duration-bounds.js';

type ChangedRun = NonNullable<Transition['updateRuns']>[number];

/**
 * The same store, counting what its commits say: refused stale writes, lost workers, retries by class, time spent by
 * stage and tenant class, and how long commits take. Tenants are told apart as `default` and `other` only: their names
 * belong in no metric.
 */
export function meteredStore(store: GenerationStore, telemetry: Telemetry): GenerationStore {
  const stale = telemetry.counter(
    'atelier_stale_writes_total',
    'Transitions that were refused because their fence, state or sequence was not current any more.',
  );
  const failures = telemetry.counter(
    'atelier_run_failures_total',
    'Executions that ended without a result, by error class; worker-lost counts expired leases.',
  );
  const spent = telemetry.counter(
    'atelier_spent_stage_milliseconds_total',
    'Measured stage milliseconds of accepted results, by stage and tenant class.',
  );
  const commits = telemetry.histogram('atelier_commit_duration_seconds', 'Duration of a commit.', DURATION_BOUNDS_S);
  const ordered = telemetry.counter('atelier_runs_ordered_total', 'Execution orders that were committed.');

  const commit = async (transition: Transition): Promise<'applied' | 'stale'> => {
    const startedMs = performance.now();
    const outcome = await store.commit(transition);
    commits.record((performance.now() - startedMs) / 1000, { outcome });
    if (outcome === 'stale') {
      stale.add(1, { guard: transition.guard.kind });
      return outcome;
    }
    const { spentMs, updateRuns = [], insertRuns = [] } = transition;
    if (spentMs) spent.add(spentMs.ms, { stage: spentMs.stage, tenant_class: tenantClass(spentMs.tenantId) });
    // A run that finds a free place is ordered by the commit that makes it.
    for (const { state } of [...insertRuns, ...updateRuns]) if (state === 'dispatched') ordered.add(1);
    for (const run of updateRuns) {
      const errorClass = failureClass(run);
      if (errorClass) failures.add(1, { class: errorClass });
    }
    return outcome;
  };
  return decorated(store, { commit });
}

/** An execution failed where the transition counts an attempt: before a retry as well as after the last one. */
const failureClass = (run: ChangedRun): string | null =>
  run.error && run.attempts !== undefined ? run.error.class : null;

export const tenantClass = (tenantId: string): 'default' | 'other' =>
  tenantId === 'ten_default' ? 'default' : 'other';

/** Methods of a class live on its prototype: a spread would lose them. */
function decorated<T extends object>(target: T, overrides: Partial<T>): T {
  return new Proxy(target, {
    get(object, key, receiver) {
      if (Object.hasOwn(overrides, key)) return Reflect.get(overrides, key, receiver);
      const value = Reflect.get(object, key, object);
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
}
