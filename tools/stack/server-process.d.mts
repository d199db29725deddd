import type { SpawnOptions } from 'node:child_process';

export declare const STACK_CACHE: string;

export declare function freePorts(count: number): Promise<number[]>;

export declare class ServerStartError extends Error {
  constructor(name: string, reason: string, logPath: string);
}

export interface ServerOptions {
  /** What messages call it. */
  readonly name: string;
  readonly program: string;
  readonly args?: readonly string[];
  /** The server is up once 127.0.0.1:`port` accepts a connection ... */
  readonly port: number;
  /** ... and this says so. Called every 20 ms until it resolves to true. */
  readonly isReady?: () => Promise<boolean> | boolean;
  /** Standard output and error are appended to this file. */
  readonly logPath: string;
  /** Working folder, environment, uid and gid. */
  readonly spawnOptions?: Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'>;
  /** @default 60,000 */
  readonly startTimeoutMs?: number;
  /** @default SIGTERM */
  readonly stopSignal?: NodeJS.Signals;
  /** @default 15,000, then SIGKILL */
  readonly stopTimeoutMs?: number;
}

export interface ServerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  readonly pid: number;
  readonly isRunning: boolean;
  readonly exited: Promise<ServerEnd>;
  stop(): Promise<ServerEnd>;
  kill(): Promise<ServerEnd>;
  /** Does nothing once the server has ended. */
  signal(signal: NodeJS.Signals): void;
}

export declare function startServer(options: ServerOptions): Promise<ServerProcess>;
