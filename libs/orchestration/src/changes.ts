import type { GenerationId } from '@atelier/contracts';
import { isInFlight } from '@atelier/domain';
import type { GenerationAggregate, GenerationStore, StageRun, Submission, Transition } from '@atelier/ports';
import type { Aggregates, ChangeOutcome, Points } from './aggregates.js';
import { decideRelease } from './decisions/decide-generation.js';
import { type Decision, decideDispatch } from './decisions/decide-run.js';
import type { DecisionContext } from './decisions/decision-context.js';
import type { Placement } from './decisions/order-message.js';
import type { Dispatcher } from './dispatcher.js';
import type { OutboxRelay } from './outbox-relay.js';

export type Decide = (aggregate: GenerationAggregate, context: DecisionContext) => Decision;

const ACCEPT: Points = [{ before: 'accept.before-commit', after: 'accept.after-commit' }];
const DISPATCH: Points = [{ before: 'dispatch.before-commit', after: 'dispatch.after-commit' }];

/**
 * Decide, commit, and do at once what the commit calls for: publish its outbox rows, free the places of runs that ended,
 * look for places for runs that became ready. The one way in which orchestration changes anything.
 */
export class Changes {
  /** Commits that are under way or were just made here; the store announces them too. */
  private readonly own = new WeakSet<Transition>();

  constructor(
    private readonly aggregates: Aggregates,
    private readonly relay: Pick<OutboxRelay, 'wake' | 'wakeSoon' | 'publishNow'>,
    private readonly dispatcher: () => Pick<Dispatcher, 'wake' | 'claim' | 'noteEnded' | 'noteReady'>,
    private readonly decisionContext: () => DecisionContext,
    private readonly onError: (error: unknown, where: string) => void,
  ) {}

  /** @param isAnswer whether a worker's answer is accepted by it */
  async apply(id: GenerationId, decide: Decide, isAnswer = false): Promise<ChangeOutcome> {
    const claim = this.dispatcher().claim();
    const outcome = await this.aggregates
      .change(
        id,
        (aggregate) => {
          // An earlier decision of this loop came too late; its places are free again.
          claim.release();
          return this.mine(decide(aggregate, { ...this.decisionContext(), place: claim.place }));
        },
        (transition) => [...(isAnswer ? ACCEPT : []), ...(ordersAny(transition) ? DISPATCH : [])],
      )
      .catch((error: unknown) => {
        claim.release();
        throw error;
      });
    if (outcome.kind === 'nothing') claim.release();
    else this.follow(outcome.transition);
    return outcome;
  }

  /** Commits an order that a pass of the dispatcher has placed. */
  async order(run: StageRun, placement: Placement): Promise<boolean> {
    const outcome = await this.aggregates.change(
      run.generationId,
      (aggregate) => this.mine(decideDispatch(aggregate, run.id, placement, this.decisionContext())),
      () => DISPATCH,
    );
    return outcome.kind === 'applied';
  }

  /** Whatever others commit through the store of this process, and all that other processes commit. */
  watch(store: Pick<GenerationStore, 'onWork'>): () => void {
    return store.onWork((cause) => {
      if (!cause) {
        this.relay.wake();
        this.dispatcher().wake();
      } else if ('guard' in cause) {
        // At the announcement, not when the commit returns here: a read of the outbox could come in between.
        if (this.own.has(cause)) this.relay.publishNow(cause.outbox ?? []);
        else this.followOther(cause);
      } else {
        this.releaseSubmitted(cause);
      }
    });
  }

  /**
   * A generation accepted in this very process: it is known without reading it, and its first runs need not wait for the
   * message about it, which finds nothing to do later.
   */
  private releaseSubmitted({ generation, runs, events }: Submission): void {
    this.aggregates.remember({ generation, runs, lastSequence: events.length });
    this.relay.wakeSoon();
    this.apply(generation.id, decideRelease).catch((error: unknown) => this.onError(error, 'release'));
  }

  private followOther(transition: Transition): void {
    if (transition.outbox && transition.outbox.length > 0) this.relay.wake();
    this.follow(transition);
  }

  private mine(decision: Decision): Decision {
    if (typeof decision === 'object') this.own.add(decision);
    return decision;
  }

  private follow(transition: Transition): void {
    for (const { id, state } of transition.updateRuns ?? []) {
      if (state !== undefined && !isInFlight(state)) this.dispatcher().noteEnded(id);
    }
    const { insertRuns = [], updateRuns = [] } = transition;
    if (updateRuns.some(({ state }) => state === 'ready')) this.dispatcher().wake();
    const inserted = insertRuns.filter(({ state }) => state === 'ready');
    if (inserted.length > 0) this.dispatcher().noteReady(inserted);
  }
}

const ordersAny = ({ insertRuns = [], updateRuns = [] }: Transition): boolean =>
  [...insertRuns, ...updateRuns].some(({ state }) => state === 'dispatched');
