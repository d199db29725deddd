import type { RestartableServer } from './restartable-server.mjs';

export declare const VERSITYGW_VERSION: string;

/** Resolves to the server program; builds it if it is not there yet. */
export declare function installS3(options?: { cache?: string }): Promise<string>;

export interface S3Server extends RestartableServer {
  readonly port: number;
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export declare function startS3(options: {
  readonly dataDir: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
}): Promise<S3Server>;
