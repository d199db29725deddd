import { type Facts, type ScoringAnswer, type Size, WeightsManifest } from '@atelier/contracts';
import {
  checkDenoiseRequest,
  checkSize,
  checkTensor,
  type DenoiseHooks,
  type DenoiseOutcome,
  type DenoiseRequest,
  type EngineDescription,
  type Inference,
  InferenceInputError,
  latentShape,
  type RgbImage,
  type Tensor,
} from '@atelier/ports';
import { type ClientUnaryCall, credentials, type ServiceError } from '@grpc/grpc-js';
import { Tokenizer } from '@huggingface/tokenizers';
import { type HealthReport, type InferenceClient, inferenceClientClass, type WireDescription } from './contract.js';
import { denoiseOver } from './denoise-call.js';
import { fromStatus, RuntimeFaultError, RuntimeLostError } from './runtime-errors.js';
import { fromWirePicture, fromWireTensor, toWirePicture, toWireTensor } from './wire.js';

type Verb = Exclude<keyof InferenceClient & keyof VerbResponses, 'denoise'>;
interface VerbResponses {
  describe: WireDescription;
  health: HealthReport;
  warmUp: HealthReport;
  metrics: { readonly prometheusText: string };
  decode: Parameters<typeof fromWirePicture>[0];
  encode: Parameters<typeof fromWireTensor>[0];
  encodeReference: Parameters<typeof fromWireTensor>[0];
  score: { readonly answersJson: string };
}

const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  // The socket appears a few seconds after the process: ask often, it costs nothing.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 500,
  // One incarnation of a runtime has one connection: nothing is shared with an earlier one.
  'grpc.use_local_subchannel_pool': 1,
};

/** Unary verbs of one runtime as promises; errors are those of the port. */
export class RuntimeConnection {
  readonly client: InferenceClient;
  private closed = false;

  /** @param socketPath of the unix socket that the runtime serves */
  constructor(socketPath: string) {
    this.client = new (inferenceClientClass())(`unix:${socketPath}`, credentials.createInsecure(), CHANNEL_OPTIONS);
  }

  /** @throws RuntimeLostError when the runtime does not answer in time or is gone */
  call<V extends Verb>(verb: V, request: object = {}, deadlineMs?: number): Promise<VerbResponses[V]> {
    if (this.closed) return Promise.reject(new RuntimeLostError('the connection to the runtime is closed'));
    const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
    return new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, response?: VerbResponses[V]) => {
        if (error) reject(fromStatus(error));
        else resolve(response as VerbResponses[V]);
      };
      // The key chose the method and its types; the compiler cannot join them again.
      (this.client[verb] as (...given: unknown[]) => ClientUnaryCall).call(this.client, request, options, answered);
    });
  }

  denoise(request: DenoiseRequest, hooks: DenoiseHooks): Promise<DenoiseOutcome> {
    if (this.closed) return Promise.reject(new RuntimeLostError('the connection to the runtime is closed'));
    return denoiseOver(this.client, request, hooks);
  }

  close(): void {
    this.closed = true;
    this.client.close();
  }
}

/** Inference in a process of gpu-runtime that somebody else keeps alive; `SupervisedInference` does it itself. */
export class GrpcInference implements Inference {
  private constructor(
    private readonly connection: RuntimeConnection,
    private readonly description: EngineDescription,
    private readonly tokenizer: Tokenizer,
  ) {}

  /** Waits until the weights are loaded. @throws RuntimeLostError, RuntimeFaultError */
  static async connect(socketPath: string, deadlineMs?: number): Promise<GrpcInference> {
    const connection = new RuntimeConnection(socketPath);
    try {
      await whenReady(connection.client, deadlineMs ?? 30_000);
      return await GrpcInference.over(connection, deadlineMs);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  static async over(connection: RuntimeConnection, deadlineMs?: number): Promise<GrpcInference> {
    const described = await connection.call('describe', {}, deadlineMs);
    const tokenizer = new Tokenizer(JSON.parse(Buffer.from(described.tokenizerJson).toString('utf8')), {});
    return new GrpcInference(connection, toDescription(described), tokenizer);
  }

  describe(): EngineDescription {
    return this.description;
  }

  async denoise(request: DenoiseRequest, hooks: DenoiseHooks = {}): Promise<DenoiseOutcome> {
    checkDenoiseRequest(request, this.description);
    return this.connection.denoise(request, hooks);
  }

  async decode(latents: Tensor, size: Size): Promise<RgbImage> {
    const { manifest } = this.description;
    checkSize(size, manifest);
    checkTensor('latents', latents, latentShape(size, manifest));
    return fromWirePicture(await this.connection.call('decode', { latents: toWireTensor(latents), size }));
  }

  async encode(image: RgbImage): Promise<Tensor> {
    this.checkPicture(image);
    return fromWireTensor(await this.connection.call('encode', toWirePicture(image)));
  }

  async encodeReference(latents: Tensor): Promise<Tensor> {
    return fromWireTensor(await this.connection.call('encodeReference', { latents: toWireTensor(latents) }));
  }

  async score(image: RgbImage, facts: Facts): Promise<ScoringAnswer[]> {
    this.checkPicture(image);
    const request = { picture: toWirePicture(image), factsJson: JSON.stringify(facts) };
    const { answersJson } = await this.connection.call('score', request);
    return JSON.parse(answersJson) as ScoringAnswer[];
  }

  countTokens(caption: string): number {
    return this.tokenizer.encode(caption.toWellFormed()).ids.length;
  }

  /** Healthy, loaded and warm, each told apart. */
  health(deadlineMs?: number): Promise<HealthReport> {
    return this.connection.call('health', {}, deadlineMs);
  }

  async warmUp(): Promise<void> {
    await this.connection.call('warmUp');
  }

  /** Prometheus text format. */
  async metrics(): Promise<string> {
    return (await this.connection.call('metrics')).prometheusText;
  }

  async close(): Promise<void> {
    this.connection.close();
  }

  private checkPicture({ rgb, widthPx, heightPx }: RgbImage): void {
    checkSize({ widthPx, heightPx }, this.description.manifest);
    if (rgb.length !== widthPx * heightPx * 3) throw new InferenceInputError('image: it does not fill its size');
  }
}

function whenReady(client: InferenceClient, deadlineMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + deadlineMs, (error) => {
      if (error) reject(new RuntimeLostError('the runtime does not answer', { cause: error }));
      else resolve();
    });
  });
}

function toDescription({ manifestJson, engineFingerprint, precision, maxPixels }: WireDescription): EngineDescription {
  const manifest = WeightsManifest.safeParse(JSON.parse(manifestJson));
  if (!manifest.success) throw new RuntimeFaultError(`the manifest breaks its contract: ${manifest.error.message}`);
  return { manifest: manifest.data, engineFingerprint, precision, maxPixels };
}
