import type { CostModel, LeasePolicy } from '@atelier/domain';
import type { Ids, StageRun } from '@atelier/ports';
import type { Placement } from './order-message.js';

/** What decisions need besides the aggregate. `now` is fixed for one decision. */
export interface DecisionContext {
  readonly now: number;
  readonly ids: Pick<Ids, 'runId'>;
  readonly costs: CostModel;
  /** Whether the weights bring a checker. */
  readonly canScore: boolean;
  readonly leases: LeasePolicy;
  /** Takes a place for a run that becomes ready, so that it is ordered in the same commit; null: it has to queue. */
  readonly place?: (run: StageRun) => Placement | null;
}
