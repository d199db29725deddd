import {
  DEFAULT_TENANT_ID,
  type EventLogEntry,
  type GenerationId,
  TERMINAL_STATES,
  type TenantId,
} from '@atelier/contracts';
import type {
  Clock,
  CrashPoints,
  EngineDescription,
  GenerationAggregate,
  GenerationStore,
  Ids,
  MessageBus,
  TopicHandler,
} from '@atelier/ports';
import { buildEngine } from './builders.js';
import { CountingIds } from './counting-ids.js';
import { FakeClock } from './fake-clock.js';
import { MemoryGenerationStore } from './memory-generation-store.js';
import { ScriptedWorkers, type ScriptedWorkersOptions } from './scripted-workers.js';
import { SimulatedBus, type SimulatedBusOptions } from './simulated-bus.js';

/** What the simulation asks of a control plane: `createOrchestrator` fits. */
export interface SimulatedControlPlane {
  readonly handlers: readonly TopicHandler[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface SimulationOptions {
  readonly createControlPlane: (dependencies: {
    store: GenerationStore;
    bus: Pick<MessageBus, 'publish'>;
    clock: Clock;
    ids: Ids;
    describe: () => EngineDescription;
    crashPoints?: CrashPoints;
    options: { onError: (error: unknown, where: string) => void };
  }) => SimulatedControlPlane;
  readonly bus?: SimulatedBusOptions;
  readonly workers?: Partial<Omit<ScriptedWorkersOptions, 'bus' | 'clock'>>;
  readonly engine?: Partial<EngineDescription>;
}

/** The whole platform without network, disk or real time: in-memory store and bus, scripted workers, fake clock. */
export class Simulation {
  readonly clock = new FakeClock();
  readonly ids = new CountingIds();
  readonly store = new MemoryGenerationStore();
  readonly bus: SimulatedBus;
  readonly workers: ScriptedWorkers;
  readonly controlPlane: SimulatedControlPlane;
  /** What the control plane's loops complained about. */
  readonly errors: unknown[] = [];
  private readonly engine: EngineDescription;

  constructor(options: SimulationOptions) {
    this.engine = buildEngine(options.engine);
    this.bus = new SimulatedBus(options.bus);
    this.workers = new ScriptedWorkers({ bus: this.bus, clock: this.clock, ...options.workers });
    this.controlPlane = options.createControlPlane({
      store: this.store,
      bus: this.bus,
      clock: this.clock,
      ids: this.ids,
      describe: this.describe,
      options: { onError: (error) => this.errors.push(error) },
    });
    this.bus.bind(this.controlPlane.handlers);
    this.bus.bind(this.workers.handlers());
  }

  readonly describe = (): EngineDescription => this.engine;

  async start(): Promise<this> {
    await this.controlPlane.start();
    await this.workers.report();
    await this.settle();
    return this;
  }

  /** Lets everything happen that needs no time to pass. */
  async settle(): Promise<void> {
    await this.bus.settle();
  }

  /** Lets time pass in short steps, with the workers reporting every 5 s as live ones do. */
  async pass(ms: number, options: { readonly stepMs?: number; readonly report?: boolean } = {}): Promise<void> {
    const { stepMs = 250, report = true } = options;
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      await this.clock.advance(Math.min(stepMs, ms - passedMs));
      if (report && passedMs % 5_000 < stepMs) await this.workers.report();
      await this.settle();
    }
  }

  async stop(): Promise<void> {
    await this.controlPlane.stop();
  }

  async generation(id: GenerationId, tenantId: TenantId = DEFAULT_TENANT_ID): Promise<GenerationAggregate> {
    const aggregate = await this.store.get(tenantId, id);
    if (!aggregate) throw new Error(`there is no generation ${id}`);
    return aggregate;
  }

  log(id: GenerationId): Promise<EventLogEntry[]> {
    return this.store.readEvents(id, 0, 10_000);
  }

  /** Everything that must hold of a finished generation, whatever happened on the way; empty when it does. */
  async violations(id: GenerationId, tenantId: TenantId = DEFAULT_TENANT_ID): Promise<string[]> {
    const { generation, runs, lastSequence } = await this.generation(id, tenantId);
    const log = await this.log(id);
    const charges = await this.store.charges(id);
    const terminal = log.filter(({ type }) => TERMINAL_STATES.some((state) => type === `generation.${state}`));
    const succeeded = generation.samples.filter((sample) => sample.state === 'succeeded');
    const finished = this.bus
      .on('generation.finished.v1')
      .filter(({ key }) => key === id)
      .map(({ headers }) => headers.ce_id);
    const rules: [boolean, string][] = [
      [TERMINAL_STATES.some((state) => state === generation.state), `state is ${generation.state}`],
      [terminal.length === 1, `${terminal.length} terminal entries`],
      [log.at(-1)?.type === `generation.${generation.state}`, `the log ends with ${log.at(-1)?.type}`],
      [log.every(({ sequence }, index) => sequence === index + 1), 'the sequences have gaps'],
      [log.length === lastSequence, `${log.length} entries, last sequence ${lastSequence}`],
      [new Set(finished).size === 1, `${new Set(finished).size} different finished messages`],
      [runs.every((run) => run.finishedAt !== null), 'a run has no end'],
      [new Set(runs.map(positionOf)).size === runs.length, 'two runs do the same work'],
      [
        JSON.stringify(charges.map((charge) => charge.sampleIndex).sort()) ===
          JSON.stringify(succeeded.map((sample) => sample.index).sort()),
        `charges ${charges.map((charge) => charge.sampleIndex)} for ${succeeded.length} delivered samples`,
      ],
      [generation.state !== 'succeeded' || succeeded.length > 0, 'succeeded without a sample'],
      [generation.samples.every(({ state }) => state !== 'queued' && state !== 'running'), 'a sample has no end'],
    ];
    return rules.filter(([holds]) => !holds).map(([, violation]) => violation);
  }
}

const positionOf = (run: GenerationAggregate['runs'][number]): string =>
  [run.stage, run.sampleIndex, run.candidateIndex, run.outputIndex, run.referenceIndex].join('/');
