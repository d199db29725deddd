import type { RestartableServer } from './restartable-server.mjs';

/** Resolves to the folder of the server's programs and the environment they need; downloads only what is not there yet. */
export declare function installPostgres(options?: {
  cache?: string;
  systemPrograms?: string;
}): Promise<{ programs: string; env: NodeJS.ProcessEnv }>;

export interface PostgresServer extends RestartableServer {
  readonly port: number;
  /** Of the database `postgres`, as its superuser. */
  readonly url: string;
}

export declare function startPostgres(options: {
  /** Made when missing; a folder used before keeps its databases. Other accounts must be able to reach it. */
  readonly dataDir: string;
  /** What was acknowledged survives a machine that loses power, not only a killed server. @default false */
  readonly isDurable?: boolean;
  /** Settings by their name in postgresql.conf, over our own. */
  readonly settings?: Readonly<Record<string, string | number>>;
}): Promise<PostgresServer>;
