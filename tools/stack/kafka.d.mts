import type { ServerEnd } from './server-process.mjs';

export declare const KAFKA_VERSION: string;

/** Resolves to the folder of the broker's jars; downloads only what is not there yet. */
export declare function installKafka(options?: { lockPath?: string; cache?: string }): Promise<string>;

export interface KafkaBroker {
  readonly port: number;
  /** For a client's `brokers`. */
  readonly brokers: string[];
  readonly pid: number;
  readonly isRunning: boolean;
  stop(): Promise<ServerEnd>;
  kill(): Promise<ServerEnd>;
  restart(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

export interface KafkaOptions {
  readonly dataDir: string;
  /** Broker settings by their name in server.properties, over our own. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
}

export declare function startKafka(options: KafkaOptions): Promise<KafkaBroker>;
