import type { RestartableServer } from './restartable-server.mjs';

export declare const KAFKA_VERSION: string;

/** Resolves to the folder of the broker's jars; downloads only what is not there yet. */
export declare function installKafka(options?: { lockPath?: string; cache?: string }): Promise<string>;

export interface KafkaBroker extends RestartableServer {
  readonly port: number;
  /** For a client's `brokers`. */
  readonly brokers: string[];
}

export interface KafkaOptions {
  readonly dataDir: string;
  /** Broker settings by their name in server.properties, over our own. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
}

export declare function startKafka(options: KafkaOptions): Promise<KafkaBroker>;
