import type { Job, OperationsSnapshot, Stage } from '@atelier/contracts';
import { expectedOrder, whyItWaits } from '@atelier/domain';
import type { Clock, GenerationAggregate, GenerationStore, StageRun } from '@atelier/ports';

/** Longest part of a queue that is looked at, per tenant and stage; positions beyond it read as "at least". */
const LIMIT_PER_TENANT_AND_STAGE = 200;
/** Positions may be this old: many callers that ask at once share one look at the queue. */
const MAX_AGE_MS = 250;

type Position = { readonly position: number; readonly ofOtherTenants: number };

/** The queue at one moment: ready runs of each stage in the order in which they would start if nothing new came. */
export class QueueView {
  private readonly positions = new Map<string, Position>();

  constructor(
    readonly now: number,
    readonly byStage: ReadonlyMap<Stage, readonly StageRun[]>,
  ) {
    for (const runs of byStage.values()) {
      for (const [position, run] of runs.entries()) {
        const ofOtherTenants = runs.slice(0, position).filter((other) => other.tenantId !== run.tenantId).length;
        this.positions.set(run.id, { position, ofOtherTenants });
      }
    }
  }

  /** Null for a generation that works or has ended. */
  placeOf({ generation, runs }: GenerationAggregate): Job['queue'] {
    if (generation.finishedAt !== null) return null;
    const ready = runs.find((run) => this.positions.has(run.id));
    const place = ready ? (this.positions.get(ready.id) as Position) : null;
    const reason = whyItWaits(runs, this.now, place);
    return reason === null ? null : { position: place?.position ?? 0, reason };
  }

  /** Rows of the operations page. The reason speaks about the run alone, not about the rest of its generation. */
  rows(isVisible: (run: StageRun) => boolean): OperationsSnapshot['queue'] {
    return [...this.byStage.values()].flatMap((runs) =>
      runs.filter(isVisible).map((run) => {
        const place = this.positions.get(run.id) as Position;
        return {
          job: run.generationId,
          run: run.id,
          stage: run.stage,
          tenant: run.tenantId,
          priority: run.priority,
          position: place.position,
          waiting_ms: Math.max(0, this.now - (run.readyAt ?? run.createdAt)),
          predicted_ms: run.predictedMs,
          reason: whyItWaits([run], this.now, place) ?? '',
        };
      }),
    );
  }
}

/** Reads the queue at most every quarter of a second. */
export class QueueReader {
  private latest: { readonly at: number; readonly view: Promise<QueueView> } | null = null;

  constructor(private readonly deps: { readonly store: GenerationStore; readonly clock: Clock }) {}

  read(): Promise<QueueView> {
    const at = this.deps.clock.monotonicMs();
    if (this.latest && at - this.latest.at < MAX_AGE_MS) return this.latest.view;
    const view = this.readNow();
    this.latest = { at, view };
    view.catch(() => {
      this.latest = null;
    });
    return view;
  }

  private async readNow(): Promise<QueueView> {
    const { store, clock } = this.deps;
    const now = clock.now();
    const [ready, shares] = await Promise.all([store.readyRuns(now, LIMIT_PER_TENANT_AND_STAGE), store.tenantShares()]);
    const weights = new Map(shares.map(({ tenantId, weight }) => [tenantId, weight]));
    const byStage = Map.groupBy(ready, (run) => run.stage);
    return new QueueView(now, new Map([...byStage].map(([stage, runs]) => [stage, expectedOrder(runs, weights)])));
  }
}
