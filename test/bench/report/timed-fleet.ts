import { MemoryBus } from '@atelier/bus-memory';
import type { GenerationId, StageInput, StageResult, TenantId } from '@atelier/contracts';
import { stageTopic } from '@atelier/contracts';
import { SubmitGeneration } from '@atelier/generation';
import { FAKE_MANIFEST } from '@atelier/inference-fake';
import { createOrchestrator } from '@atelier/orchestration';
import { BusTransport, createLogger, systemClock, UlidIds } from '@atelier/platform';
import type { EngineDescription, GenerationStore, Transition } from '@atelier/ports';
import { type AnyStagePolicy, createWorker, type StageContext } from '@atelier/stage-runner';
import { createEmbeddedStore } from '@atelier/store-prisma';

/** Milliseconds that a run of a stage takes: it waits on a timer, so that four workers need no four processors. */
export type StageTimes = Readonly<Record<'prompt-expansion' | 'denoising' | 'decoding', number>>;

export interface EndedJob {
  readonly generationId: GenerationId;
  readonly tenantId: TenantId;
  readonly submittedMs: number;
  readonly endedMs: number;
}

const STEPS = 4;
const STORE_READS = ['readyRuns', 'commit'] as const;

/**
 * The control plane as it ships (embedded store, memory bus, orchestration, stage runner) over stages that only take
 * time. What is measured is who is served when, not what is drawn.
 */
export class TimedFleet {
  /** Milliseconds of each look for ready runs, and of each commit; emptied by whoever reads them. */
  readonly storeMs = { readyRuns: [] as number[], commit: [] as number[] };
  /** Durations of the stage runs that were accepted. */
  readonly runMs: number[] = [];
  ordered = 0;
  private readonly waiting = new Map<GenerationId, (endedMs: number) => void>();
  private readonly workers: { worker: ReturnType<typeof createWorker>; transport: BusTransport }[] = [];
  private readonly bus = new MemoryBus({ clock: systemClock });
  private readonly ids = new UlidIds(systemClock);
  private readonly logger = createLogger({ level: 'error', name: 'bench' });
  private readonly engine: EngineDescription;
  private readonly submission: SubmitGeneration;
  private readonly orchestrator: ReturnType<typeof createOrchestrator>;
  private readonly transport: BusTransport;
  private started = 0;

  readonly store: GenerationStore;
  private readonly times: StageTimes;

  private constructor(store: GenerationStore, times: StageTimes) {
    this.store = store;
    this.times = times;
    this.observe(store);
    this.engine = {
      manifest: {
        ...FAKE_MANIFEST,
        costModel: {
          prefixMs: 0,
          stepMs: times.denoising / STEPS,
          decodeMs: times.decoding,
          encodeMs: 1,
        },
      },
      engineFingerprint: 'e'.repeat(64),
      precision: 'fp32',
      maxPixels: 1 << 20,
    };
    const describe = () => this.engine;
    const onError = (error: unknown, where: string) => this.logger.error({ err: error, where }, 'failed');
    this.submission = new SubmitGeneration({ store, ids: this.ids, clock: systemClock, describe });
    this.orchestrator = createOrchestrator({
      store,
      bus: this.bus,
      clock: systemClock,
      ids: this.ids,
      describe,
      options: { instanceId: 'bench', exclusive: true, onError },
    });
    this.transport = this.transportOf(this.orchestrator.handlers);
  }

  static async open(options: {
    readonly dataDir: string;
    readonly times: StageTimes;
    readonly weights: Readonly<Record<TenantId, number>>;
  }): Promise<TimedFleet> {
    const store = await createEmbeddedStore({ dataDir: options.dataDir, clock: systemClock });
    for (const [id, weight] of Object.entries(options.weights)) await store.createTenant({ id, weight, name: id });
    const fleet = new TimedFleet(store, options.times);
    await listening(fleet.transport);
    await fleet.orchestrator.start();
    return fleet;
  }

  /** Starts or drains workers until there are so many; each has all stages, and its own directed slot. */
  async scale(count: number): Promise<void> {
    while (this.workers.length > count) {
      const last = this.workers.pop();
      await last?.worker.stop();
      await last?.transport.close();
    }
    while (this.workers.length < count) {
      this.started += 1;
      const worker = createWorker({
        bus: this.bus,
        clock: systemClock,
        ids: this.ids,
        engine: this.engine,
        processId: `fleet-${this.started}`,
        policies: this.policies(),
        openSlot: (handler, { slot, leaseUntil }) =>
          transport.bindLate(handler, { partitions: [slot], claim: leaseUntil }),
      });
      const transport: BusTransport = this.transportOf(worker.handlers, true);
      await listening(transport);
      await worker.start();
      while (worker.slot() === null) await systemClock.sleep(5);
      this.workers.push({ worker, transport });
    }
  }

  /** Resolves once the job is accepted; `ended` when it has been drawn. */
  async submit(tenantId: TenantId, seed: number): Promise<{ readonly ended: Promise<EndedJob> }> {
    const submittedMs = performance.now();
    const { generationId } = await this.submission.execute({ tenantId, request: requestOf(seed) });
    const ended = new Promise<number>((resolve) => this.waiting.set(generationId, resolve));
    return { ended: ended.then((endedMs) => ({ generationId, tenantId, submittedMs, endedMs })) };
  }

  async close(): Promise<void> {
    await this.scale(0);
    await this.orchestrator.stop();
    await this.transport.close();
    await this.bus.close();
    await this.store.close();
  }

  private transportOf(handlers: ConstructorParameters<typeof BusTransport>[0]['handlers'], directed = false) {
    return new BusTransport({
      bus: this.bus,
      clock: systemClock,
      logger: this.logger,
      handlers,
      owned: handlers.map(({ topic }) => topic),
      boundLate: directed ? [stageTopic('denoising', 'requested')] : [],
      source: '/bench',
      drainMs: 1_000,
    });
  }

  /** Counts what the control plane does by what it asks of its store. */
  private observe(store: GenerationStore): void {
    for (const name of STORE_READS) {
      const original = store[name].bind(store) as (...parameters: unknown[]) => Promise<unknown>;
      Object.assign(store, {
        [name]: async (...parameters: unknown[]) => {
          const startedMs = performance.now();
          const result = await original(...parameters);
          this.storeMs[name].push(performance.now() - startedMs);
          if (name === 'commit' && result === 'applied') this.note(parameters[0] as Transition);
          return result;
        },
      });
    }
  }

  private note({ generationId, generation, updateRuns = [], insertRuns = [] }: Transition): void {
    for (const { state } of [...updateRuns, ...insertRuns]) if (state === 'dispatched') this.ordered += 1;
    for (const { durationMs } of updateRuns) if (durationMs != null) this.runMs.push(durationMs);
    if (generation?.finishedAt == null) return;
    this.waiting.get(generationId)?.(performance.now());
    this.waiting.delete(generationId);
  }

  private policies(): AnyStagePolicy[] {
    const take = async (stage: keyof StageTimes, { signal }: StageContext) => {
      await systemClock.sleep(this.times[stage], signal);
    };
    return [
      {
        stage: 'prompt-expansion',
        execute: async (input, context) => {
          await take('prompt-expansion', context);
          return expansionOf(input);
        },
      },
      {
        stage: 'denoising',
        execute: async ({ sampleIndex, candidateIndex, steps }, context) => {
          await take('denoising', context);
          const latents = blob(context, 'latents.safetensors', 'application/x-safetensors');
          return { sampleIndex, candidateIndex, latents, stepsRun: steps, resumedFromStep: 0 };
        },
      },
      {
        stage: 'decoding',
        execute: async ({ sampleIndex, candidateIndex, outputIndex, size }, context) => {
          await take('decoding', context);
          return { sampleIndex, candidateIndex, outputIndex, image: blob(context, 'image.png', 'image/png'), ...size };
        },
      },
    ];
  }
}

const requestOf = (seed: number) => ({
  schemaVersion: 1 as const,
  task: 'text-to-image' as const,
  prompts: ['a red apple'],
  samples: 1,
  outputs: 1,
  bestOf: 1,
  references: [],
  layout: [],
  size: FAKE_MANIFEST.defaultSize,
  outputFormat: 'png' as const,
  background: 'auto' as const,
  seed,
  steps: STEPS,
  guidance: 1,
  precision: 'auto' as const,
  expandPrompt: 'auto' as const,
  priority: 'normal' as const,
  model: FAKE_MANIFEST.name,
  profile: FAKE_MANIFEST.profile,
  metadata: {},
});

function expansionOf(input: StageInput<'prompt-expansion'>): StageResult<'prompt-expansion'> {
  return {
    expansions: input.prompts.map((original) => ({
      original,
      expanded: original,
      facts: { objects: [], relations: [], absent: [] },
      explanation: [],
    })),
    plans: [[{ caption: 'glossy. red apple.', layout: [] }]],
    warnings: [],
  };
}

const blob = ({ blobPrefix }: StageContext, name: string, contentType: string) => ({
  key: `${blobPrefix}/${name}`,
  bytes: 1,
  sha256: 'b'.repeat(64),
  contentType,
});

const listening = (transport: BusTransport): Promise<void> =>
  new Promise((resolve, reject) => transport.listen((error) => (error ? reject(error) : resolve())));
