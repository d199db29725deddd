import type { LeasePolicy } from '@atelier/domain';
import type {
  Clock,
  CrashPoints,
  EngineDescription,
  GenerationStore,
  Ids,
  MessageBus,
  TopicHandler,
} from '@atelier/ports';
import type { LiveWorker } from './worker-registry.js';

export interface OrchestratorDependencies {
  readonly store: GenerationStore;
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The engine that the workers run; only its manifest is read (costs, sizes, whether there is a checker). */
  readonly describe: () => Pick<EngineDescription, 'manifest'>;
  readonly crashPoints?: CrashPoints;
  readonly options?: OrchestratorOptions;
}

export interface OrchestratorOptions {
  /**
   * Name of this process in the leader lease. A process that owns its database alone (embedded) passes a constant: after
   * a crash it then leads again at once instead of waiting for its own old lease to end. @default a random id
   */
  readonly instanceId?: string;
  /**
   * The database is ours alone and no worker survived the last process: runs it left in flight are taken back at start,
   * without waiting for their leases. @default false
   */
  readonly exclusive?: boolean;
  /** Time of leadership after the last renewal. @default 5000 */
  readonly leaderTtlMs?: number;
  /** Pace of everything that is not woken by work: leases, deadlines, retries that came due. @default 500 */
  readonly tickMs?: number;
  /** A worker that was silent for so long gets no more work. @default 15000 */
  readonly workerTtlMs?: number;
  /** How long before a denoising worker is expected to be free it gets its next run. @default 300 */
  readonly prefetchLeadMs?: number;
  /** Denoising runs that one tenant may have out at once, running and prefetched. @default no bound */
  readonly maxDrawingPerTenant?: number;
  /** How long workers may be silent. @default at least 15 s */
  readonly leases?: Partial<LeasePolicy>;
  /** Told about failures that no caller waits for; the loop goes on. @default ignored */
  readonly onError?: (error: unknown, where: string) => void;
}

export interface Orchestrator {
  /** One for each topic that orchestration owns; the platform binds them to the bus. */
  readonly handlers: readonly TopicHandler[];
  /** Starts relay, dispatcher and lease keeper. Handlers may be bound before or after. */
  start(): Promise<void>;
  /** Ends the loops and gives leadership up. Handlers stay usable: they only commit. */
  stop(): Promise<void>;
  /** Workers that reported lately, for the operations page. */
  workers(): readonly LiveWorker[];
  /** Whether this process relays, dispatches and keeps leases now. */
  isLeader(): boolean;
}
