import type { RestartableServer } from './restartable-server.mjs';

/** Resolves to the server program and the environment it needs; downloads only what is not there yet. */
export declare function installRedis(options?: {
  cache?: string;
  systemProgram?: string;
}): Promise<{ program: string; env: NodeJS.ProcessEnv }>;

export interface RedisServer extends RestartableServer {
  readonly port: number;
  readonly url: string;
}

export declare function startRedis(options: {
  readonly dataDir: string;
  /** @default 64 */
  readonly maxMemoryMb?: number;
}): Promise<RedisServer>;
