import { createRequire } from 'node:module';
import {
  type ChannelCredentials,
  type ChannelOptions,
  type Client,
  type ClientDuplexStream,
  type ClientUnaryCall,
  loadPackageDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** The messages of `inference.v1.proto` as proto-loader gives them: camel case, absent messages are null. */
export interface WireTensor {
  readonly shape: readonly number[];
  readonly float32Le: Uint8Array;
}
export interface WirePicture {
  readonly size: { readonly widthPx: number; readonly heightPx: number } | null;
  readonly rgb: Uint8Array;
}
export interface WireDescription {
  readonly manifestJson: string;
  readonly tokenizerJson: Uint8Array;
  readonly engineFingerprint: string;
  readonly precision: string;
  readonly maxPixels: number;
  readonly device: string;
}
export interface HealthReport {
  /** The process answers and its computing thread is alive. */
  readonly healthy: boolean;
  /** Weights are verified and in memory. */
  readonly loaded: boolean;
  /** A drawing starts at full speed. */
  readonly warm: boolean;
  readonly callsInFlight: number;
  readonly busyForMs: number;
  readonly cause: string;
}
export interface WireDenoiseState {
  readonly step: number;
  readonly engineFingerprint: string;
  readonly latents: readonly WireTensor[];
}
export interface WireDenoiseEvent {
  readonly stepDone?: {
    readonly step: number;
    readonly steps: number;
    readonly state: WireDenoiseState;
    readonly predictedClean: readonly WireTensor[];
  } | null;
  readonly outcome?: { readonly latents: readonly WireTensor[]; readonly stepsRun: number } | null;
}

type Unary<Request, Response> = (
  request: Request,
  options: { deadline?: number },
  callback: (error: ServiceError | null, response?: Response) => void,
) => ClientUnaryCall;

export interface InferenceClient extends Client {
  describe: Unary<object, WireDescription>;
  health: Unary<object, HealthReport>;
  warmUp: Unary<object, HealthReport>;
  metrics: Unary<object, { readonly prometheusText: string }>;
  denoise(): ClientDuplexStream<object, WireDenoiseEvent>;
  decode: Unary<object, WirePicture>;
  encode: Unary<WirePicture, WireTensor>;
  encodeReference: Unary<object, WireTensor>;
  score: Unary<object, { readonly answersJson: string }>;
}

/** The file that both sides load when they start. */
export const CONTRACT_PATH: string = createRequire(import.meta.url).resolve(
  '@atelier/contracts/proto/inference.v1.proto',
);

type ClientClass = new (address: string, credentials: ChannelCredentials, options?: ChannelOptions) => InferenceClient;

export function inferenceClientClass(): ClientClass {
  const definition = loadSync(CONTRACT_PATH, { longs: Number, defaults: true, oneofs: true });
  const { atelier } = loadPackageDefinition(definition) as unknown as {
    atelier: { inference: { v1: { Inference: ClientClass } } };
  };
  return atelier.inference.v1.Inference;
}
