import type { KafkaBroker } from './kafka.mjs';
import type { PostgresServer } from './postgres.mjs';
import type { RedisServer } from './redis.mjs';
import type { S3Server } from './s3.mjs';

export interface Stack {
  readonly kafka: KafkaBroker;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly s3: S3Server;
  /** The variables by which services find the servers. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export declare function startStack(options: {
  /** Other accounts must be able to reach it: PostgreSQL does not run as root. */
  readonly dataDir: string;
}): Promise<Stack>;

export interface StackAddresses {
  readonly kafka: Pick<KafkaBroker, 'brokers'>;
  readonly postgres: Pick<PostgresServer, 'url'>;
  readonly redis: Pick<RedisServer, 'url'>;
  readonly s3: Pick<S3Server, 'endpoint' | 'region' | 'accessKeyId' | 'secretAccessKey'>;
}

/** Servers that run already: a cluster can use them, and leaves them alone. */
export type RunningStack = StackAddresses & Pick<Stack, 'environment' | 'stop'>;

export declare function stackOf(servers: StackAddresses): RunningStack;
