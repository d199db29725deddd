import type { ServerEnd } from './server-process.mjs';

export interface RestartableServer {
  readonly pid: number;
  readonly isRunning: boolean;
  stop(): Promise<ServerEnd>;
  kill(): Promise<ServerEnd>;
  restart(): Promise<void>;
  freeze(): void;
  thaw(): void;
}
