import type { Stage } from '@atelier/contracts';
import type { CrashPoint, StageRun, TenantShare } from '@atelier/ports';
import type { StoredJob } from './history.ts';
import type { JournalEntry } from './journal.ts';
import type { PlantedBug } from './planted-bugs.ts';

/** `platform` is the embedded process, which is everything at once; a worker process bears its stage's word. */
export type ProcessName = 'platform' | 'api' | 'orchestrator' | Stage;
export type Infrastructure = 'broker' | 'database' | 'cache' | 'blobs';

/** A way to run the whole platform. Suites are written against this and run in every profile that has what they need. */
export interface Profile {
  readonly name: 'embedded' | 'cluster';
  /** What can be killed, frozen or terminated by itself. */
  readonly processes: readonly ProcessName[];
  /** What runs beside our own processes and can be disturbed. */
  readonly infrastructure: readonly Infrastructure[];
  /** A platform on data of its own below `options.folder`; nothing is started yet. */
  create(options: PlatformOptions): Platform;
  /** Ends what all platforms of the profile shared. */
  close(): Promise<void>;
}

export interface PlatformOptions {
  /** Names its data; unique within a folder. */
  readonly name: string;
  readonly folder: string;
  readonly weightsDir: string;
  /** Tenants that exist from the first start on, each with the key `apiKeyOf`. */
  readonly tenants: readonly string[];
  /** Of tenants whose weight is not 1. */
  readonly weights?: Readonly<Record<string, number>>;
  readonly disturbance?: Disturbance;
  /** Every progress message is noted in the journal. @default false */
  readonly notesSteps?: boolean;
  /** Mistakes that are planted in its code. @default none */
  readonly bug?: PlantedBug;
  /** Where the API is a process of its own. @default 1 */
  readonly apiReplicas?: number;
}

/** Every message arrives `copies` times, each copy after a time of its own, so that the order is lost too. */
export interface Disturbance {
  readonly seed: number;
  readonly copies: number;
  readonly delayMs: number;
  /** Delay of the last copy: long enough to come when its job is over. */
  readonly lateMs: number;
}

/** SIGKILL when this point is reached for the n-th time (1 = the first) in the life of the process that has it. */
export interface KillPlan {
  readonly point: CrashPoint;
  readonly occurrence: number;
  /** Which worker dies at a `worker.*` point, where each stage has a process of its own. @default 'denoising' */
  readonly stage?: Stage;
}

/** A platform under test: it can be disturbed at every joint, and read back when all is over. */
export interface Platform {
  /**
   * Starts every process that is not running. `ended` resolves when the process that carries the kill plan is dead (by
   * the plan or by `kill`), or, without a plan, when the platform is stopped; it rejects when a process ends by itself.
   */
  start(changes?: { readonly kill?: KillPlan }): { readonly ended: Promise<void> };
  /** Address of the API that is up or comes next. */
  address(): Promise<string>;
  /** Of every API replica, whether it is up or not; there is at least one. */
  addresses(): Promise<readonly string[]>;
  /** Jobs and outbox rows that are not done; null where the process died over the question. */
  unfinished(): Promise<number | null>;
  shares(): Promise<TenantShare[]>;
  /** SIGKILL, and waits for the end. The process comes back with the next `start`. @default every own process */
  kill(process?: ProcessName): Promise<void>;
  /** Ends a process for want of memory, and waits for the end. It comes back with the next `start`. */
  killByMemory(process: ProcessName): Promise<'kernel' | 'signal'>;
  /** Starts everything, and what dies again and again, until told to stop. Resolves with the number of lives. */
  keepAlive(signal: AbortSignal): Promise<number>;
  /**
   * SIGTERM, and waits for the end. Milliseconds that it took. Where a process has replicas, the one whose turn it is.
   *
   * @throws {PlatformFailedError} where it did not end in order
   */
  terminate(process: ProcessName, turn: number): Promise<number>;
  /**
   * Moves the wall clock of a process by so much against the true one; monotonic time goes on. Where a running process
   * cannot be reached it is started again with that clock, so that its work should be over before.
   */
  setClock(process: ProcessName, offsetMs: number): Promise<void>;
  /** SIGSTOP: the process keeps its connections and loses its time. */
  freeze(process: ProcessName): Promise<void>;
  /** SIGCONT. */
  thaw(process: ProcessName): Promise<void>;
  /** Disturbs what stands beside; a profile without it throws `NotInThisProfileError`. */
  disturb(part: Infrastructure, action: InfrastructureAction): Promise<void>;
  /** An orderly stop of everything; what is unfinished stays for the next start. */
  stop(): Promise<void>;
  /** Ends everything in any case; for the way out of a failed suite. */
  abandon(): void;
  /** What happened on the way, as of now. */
  journal(): readonly JournalEntry[];
  /** Grows with every entry of the journal; asking for it costs nothing. */
  journalBytes(): number;
  /** Everything that the stopped platform left. */
  readEnd(): Promise<EndState>;
}

/** `kill`: SIGKILL; `stop`: in order; `start`: after either; `freeze` and `thaw`: SIGSTOP and SIGCONT. */
export type InfrastructureAction = 'kill' | 'stop' | 'start' | 'freeze' | 'thaw';

export interface EndState {
  readonly stored: readonly StoredJob[];
  readonly runs: readonly StageRun[];
}

/** Thrown when a suite asks a profile for what it does not have. */
export class NotInThisProfileError extends Error {
  override readonly name = 'NotInThisProfileError';
}

/** Thrown when a process under test ended in another way than by a kill or a stop. */
export class PlatformFailedError extends Error {
  override readonly name = 'PlatformFailedError';
}

/** Which process of a cluster passes a point. */
export function processOf({ point, stage = 'denoising' }: KillPlan): ProcessName {
  if (point.startsWith('submit.') || point.startsWith('cancel.')) return 'api';
  if (point.startsWith('denoising.')) return 'denoising';
  return point.startsWith('worker.') ? stage : 'orchestrator';
}

/** Not a secret: it opens a platform that lives for one run on a loopback port. The form is the one of real keys. */
export const apiKeyOf = (tenant: string): string => `atl_${Buffer.from(tenant).toString('hex').padEnd(40, '0')}`;
