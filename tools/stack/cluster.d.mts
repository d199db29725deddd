import type { RunningStack, Stack } from './index.mjs';
import type { ServerEnd } from './server-process.mjs';

export type ServiceKind =
  | 'api'
  | 'orchestrator'
  | 'prompt-expansion'
  | 'reference-encoding'
  | 'denoising'
  | 'decoding'
  | 'scoring';

export interface ClusterOptions {
  /** Data of the servers and logs of the services. */
  readonly dataDir: string;
  /** Servers that run already; they are not stopped with the cluster. */
  readonly stack?: RunningStack;
  /** Of the first API replica. @default a free one */
  readonly port?: number;
  /** Processes of each kind. @default 1 */
  readonly replicas?: Readonly<Partial<Record<ServiceKind, number>>>;
  /** For all services, over what the cluster sets itself. */
  readonly environment?: Readonly<Record<string, string>>;
  /** For the services of one kind, over what all of them get. */
  readonly environments?: Readonly<Partial<Record<ServiceKind, Readonly<Record<string, string>>>>>;
  /** Other programs than the platform's own, absolute or below the workspace's root: fault suites wrap them. */
  readonly programs?: Readonly<Partial<Record<ServiceKind, string>>>;
}

/** What one life has other than its service's usual one. */
export interface LifeChanges {
  /** Absolute or below the workspace's root. */
  readonly program?: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface ClusterService {
  readonly kind: ServiceKind;
  /** `denoising-1` */
  readonly name: string;
  readonly logPath: string;
  readonly lives: number;
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  readonly exited: Promise<ServerEnd> | undefined;
  readonly instance: string;
  readonly opsUrl: string;
  readonly url: string;
  start(changes?: LifeChanges): Promise<void>;
  waitUntilReady(timeoutMs?: number): Promise<void>;
  stop(): Promise<ServerEnd | undefined>;
  kill(): Promise<ServerEnd | undefined>;
  freeze(): void;
  thaw(): void;
  restart(changes?: LifeChanges): Promise<void>;
}

export interface Cluster {
  /** Only servers that the cluster has started itself can be stopped and killed through it. */
  readonly stack: Stack | RunningStack;
  readonly services: readonly ClusterService[];
  readonly urls: readonly string[];
  readonly url: string;
  readonly adminToken: string;
  ofKind(kind: ServiceKind): ClusterService[];
  service(name: string): ClusterService;
  add(kind: ServiceKind, port?: number): ClusterService;
  waitUntilReady(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export declare function startCluster(options: ClusterOptions): Promise<Cluster>;
