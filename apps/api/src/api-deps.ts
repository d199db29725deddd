import type { Stage } from '@atelier/contracts';
import type { AdmissionLimits } from '@atelier/domain';
import { CancelGeneration, ReadEventLog, SubmitGeneration } from '@atelier/generation';
import type { BlobStore, Clock, CrashPoints, EngineDescription, GenerationStore, Ids } from '@atelier/ports';
import type { Authenticator } from './auth/authenticator.js';
import { SignedLinks } from './images/signed-links.js';
import { servingCapacity } from './jobs/serving-capacity.js';
import type { TaskReader } from './jobs/task-reader.js';
import { ModelCatalogue } from './models/catalogue.js';
import { QueueReader } from './operations/queue-view.js';

/** What a composition root hands in. */
export interface ApiOptions {
  readonly store: GenerationStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The engine that the workers run, as it is loaded now. */
  readonly describe: () => EngineDescription;
  /** Text tokens of a prompt, for `usage`. */
  readonly countTokens: (text: string) => number;
  readonly authenticate: Authenticator;
  /** Guards `/admin`; without one those routes do not exist. */
  readonly adminToken?: string;
  /** Signs links to pictures; at least 32 bytes, kept between starts so that links outlive one. */
  readonly linkSecret: Uint8Array;
  /** Signs of life of the workers. */
  readonly workers: () => readonly WorkerSighting[];
  /** Null once the service may take work; otherwise what it still waits for. */
  readonly notReadyBecause: () => string | null;
  /** True where every caller may see every tenant's jobs in the operations view (`open` mode). */
  readonly singleTenant: boolean;
  /** How long uploaded pictures are kept after their day. @default 30 days */
  readonly uploadTtlMs?: number;
  /** Unfinished jobs of all tenants from which on new ones are refused with `queue_full`. @default no bound */
  readonly maxQueued?: number;
  /** The same for one tenant. @default half of `maxQueued`, so that nobody fills the queue alone; all of it for a single tenant */
  readonly maxQueuedPerTenant?: number;
  /** `taskReader`. @default `task` must be named where the weights know several edits */
  readonly taskOf?: TaskReader;
  readonly crashPoints?: CrashPoints;
  /** Told about every error that a caller only sees as `internal_error`. */
  readonly onError?: (error: unknown, requestId: string) => void;
}

export interface WorkerSighting {
  readonly workerId: string;
  readonly stage: Stage;
  readonly inFlight: number;
  readonly capacity: number;
  /** Most pixels of one picture. @default no bound */
  readonly maxPixels?: number;
  readonly draining?: boolean;
  /** Monotonic milliseconds of this process. */
  readonly seenAtMs: number;
}

/** What routes work with. */
export interface ApiDeps extends ApiOptions {
  readonly submit: SubmitGeneration;
  readonly cancel: CancelGeneration;
  readonly eventLog: ReadEventLog;
  readonly queue: QueueReader;
  readonly models: ModelCatalogue;
  readonly links: SignedLinks;
}

function limitsOf({ maxQueued, maxQueuedPerTenant, singleTenant }: ApiOptions): AdmissionLimits {
  if (maxQueued === undefined) return maxQueuedPerTenant === undefined ? {} : { maxJobsPerTenant: maxQueuedPerTenant };
  const share = singleTenant ? maxQueued : Math.ceil(maxQueued / 2);
  return { maxJobs: maxQueued, maxJobsPerTenant: maxQueuedPerTenant ?? share };
}

export function apiDepsOf(options: ApiOptions): ApiDeps {
  const engine = options.describe();
  return {
    ...options,
    submit: new SubmitGeneration({
      ...options,
      limits: limitsOf(options),
      capacity: servingCapacity(options.workers, options.clock),
    }),
    cancel: new CancelGeneration(options),
    eventLog: new ReadEventLog(options),
    queue: new QueueReader(options),
    models: new ModelCatalogue({ manifest: engine.manifest, precisions: [engine.precision] }),
    links: new SignedLinks(options.linkSecret),
  };
}
