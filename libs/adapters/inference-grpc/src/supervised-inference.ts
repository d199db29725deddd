import type { Facts, ScoringAnswer, Size } from '@atelier/contracts';
import type {
  DenoiseHooks,
  DenoiseOutcome,
  DenoiseRequest,
  EngineDescription,
  Inference,
  RgbImage,
  Tensor,
} from '@atelier/ports';
import type { HealthReport } from './contract.js';
import { GrpcInference } from './grpc-inference.js';
import { requestDigest } from './request-digest.js';
import { abortError, RuntimeLostError, RuntimeUnusableError } from './runtime-errors.js';
import { type LiveRuntime, RuntimeSupervisor, type SupervisorOptions } from './runtime-supervisor.js';
import { SuspectGate } from './suspect-gate.js';

interface Incarnation {
  readonly runtime: LiveRuntime;
  readonly engine: GrpcInference;
}

/**
 * Inference in a Python process that this adapter starts, watches and restarts. A call that was under way when the
 * process was lost fails with its cause (`RuntimeLostError`); the next call waits for the new process.
 */
export class SupervisedInference implements Inference {
  private readonly gate = new SuspectGate();

  private constructor(
    private readonly supervisor: RuntimeSupervisor,
    private incarnation: Incarnation,
  ) {}

  /** Waits until the first process is warm. @throws RuntimeUnusableError */
  static async open(options: SupervisorOptions): Promise<SupervisedInference> {
    const supervisor = new RuntimeSupervisor(options);
    try {
      const runtime = await supervisor.ready();
      return new SupervisedInference(supervisor, { runtime, engine: await GrpcInference.over(runtime.connection) });
    } catch (error) {
      await supervisor.stop();
      throw error;
    }
  }

  describe(): EngineDescription {
    return this.incarnation.engine.describe();
  }

  denoise(request: DenoiseRequest, hooks: DenoiseHooks = {}): Promise<DenoiseOutcome> {
    // Without the state: the same drawing is the same suspect wherever it goes on from.
    const { resume, ...drawing } = request;
    return this.call(requestDigest('denoise', drawing), (engine) => engine.denoise(request, hooks), hooks.signal);
  }

  decode(latents: Tensor, size: Size): Promise<RgbImage> {
    return this.call(requestDigest('decode', latents, size), (engine) => engine.decode(latents, size));
  }

  encode(image: RgbImage): Promise<Tensor> {
    return this.call(requestDigest('encode', image), (engine) => engine.encode(image));
  }

  encodeReference(latents: Tensor): Promise<Tensor> {
    return this.call(requestDigest('encodeReference', latents), (engine) => engine.encodeReference(latents));
  }

  score(image: RgbImage, facts: Facts): Promise<ScoringAnswer[]> {
    return this.call(requestDigest('score', image, facts), (engine) => engine.score(image, facts));
  }

  countTokens(caption: string): number {
    return this.incarnation.engine.countTokens(caption);
  }

  /** Health of the present process; waits while a new one starts. */
  async health(): Promise<HealthReport> {
    return (await this.currentEngine()).engine.health();
  }

  close(): Promise<void> {
    return this.supervisor.stop();
  }

  private call<T>(digest: string, work: (engine: GrpcInference) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const isLoss = (error: unknown) => error instanceof RuntimeLostError;
    return this.gate.run(digest, () => this.runOnce(work, signal), isLoss);
  }

  private async runOnce<T>(work: (engine: GrpcInference) => Promise<T>, signal?: AbortSignal): Promise<T> {
    // A new process may take a minute: whoever drains or cancels must not wait for it.
    const { runtime, engine } = await unlessAborted(this.currentEngine(), signal);
    try {
      return await work(engine);
    } catch (error) {
      if (!(error instanceof RuntimeLostError)) throw error;
      throw new RuntimeLostError(await runtime.lost, { cause: error });
    }
  }

  private async currentEngine(): Promise<Incarnation> {
    const runtime = await this.supervisor.ready();
    if (runtime !== this.incarnation.runtime) {
      const engine = await GrpcInference.over(runtime.connection);
      const [before, now] = [this.describe().engineFingerprint, engine.describe().engineFingerprint];
      if (now !== before)
        throw new RuntimeUnusableError('the runtime came back with other weights: restart the worker');
      this.incarnation = { runtime, engine };
    }
    return this.incarnation;
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortError());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
