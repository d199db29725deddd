import {
  DEFAULT_TENANT_ID,
  type EventLogEntry,
  type GenerationId,
  TERMINAL_STATES,
  type TenantId,
} from '@atelier/contracts';
import type {
  Clock,
  CrashPoint,
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
    options: {
      onError: (error: unknown, where: string) => void;
      instanceId: string;
      exclusive: boolean;
      maxDrawingPerTenant?: number;
    };
  }) => SimulatedControlPlane;
  /** One process owns the database: a new control plane takes back at once what the old one left. @default false */
  readonly exclusive?: boolean;
  /** Denoising runs of one tenant at once. @default no bound */
  readonly maxDrawingPerTenant?: number;
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
  /** Control planes that live. */
  readonly controlPlanes: SimulatedControlPlane[] = [];
  /** What the loops of living control planes complained about. */
  readonly errors: unknown[] = [];
  private readonly engine: EngineDescription;
  private readonly options: SimulationOptions;
  private planes = 0;

  constructor(options: SimulationOptions) {
    this.options = options;
    this.engine = buildEngine(options.engine);
    this.bus = new SimulatedBus(options.bus);
    this.workers = new ScriptedWorkers({ bus: this.bus, clock: this.clock, ...options.workers });
    this.bus.bind(this.workers.handlers());
  }

  readonly describe = (): EngineDescription => this.engine;

  async start(): Promise<this> {
    await this.addControlPlane();
    await this.workers.report();
    await this.settle();
    return this;
  }

  /** Starts one more control plane on the same store and bus; it dies where `dieAt` says so. */
  async addControlPlane(dieAt: (point: CrashPoint) => boolean = () => false): Promise<SimulatedControlPlane> {
    const life = { dead: false };
    this.planes += 1;
    const plane = this.options.createControlPlane({
      store: mortal(this.store, life),
      bus: mortal(this.bus, life),
      clock: this.clock,
      ids: this.ids,
      describe: this.describe,
      crashPoints: {
        reach: (point) => {
          if (!life.dead && dieAt(point)) {
            life.dead = true;
            this.bus.unbind(plane.handlers);
            this.controlPlanes.splice(this.controlPlanes.indexOf(plane), 1);
          }
          if (life.dead) throw new ProcessDiedError();
        },
      },
      options: {
        onError: (error) => {
          if (!life.dead) this.errors.push(error);
        },
        // A process that owns its database has a name that outlives it.
        instanceId: this.options.exclusive ? 'only' : `plane-${this.planes}`,
        exclusive: this.options.exclusive ?? false,
        ...(this.options.maxDrawingPerTenant === undefined
          ? {}
          : { maxDrawingPerTenant: this.options.maxDrawingPerTenant }),
      },
    });
    this.controlPlanes.push(plane);
    this.bus.bind(plane.handlers);
    await plane.start();
    return plane;
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

  /** Stops the oldest control planes in order; their handlers get nothing more. */
  async stop(count = this.controlPlanes.length): Promise<void> {
    for (const plane of this.controlPlanes.splice(0, count)) {
      this.bus.unbind(plane.handlers);
      await plane.stop();
    }
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

/** Thrown in a process that is dead by everything it touches. */
export class ProcessDiedError extends Error {
  override readonly name = 'ProcessDiedError';
}

/** What a process uses of the world; once it is dead it reaches nothing any more. */
function mortal<T extends object>(target: T, life: { readonly dead: boolean }): T {
  return new Proxy(target, {
    get: (object, property) => {
      const value = Reflect.get(object, property) as unknown;
      if (typeof value !== 'function') return value;
      return (...parameters: unknown[]): unknown =>
        life.dead ? Promise.reject(new ProcessDiedError()) : value.apply(object, parameters);
    },
  });
}

const positionOf = (run: GenerationAggregate['runs'][number]): string =>
  [run.stage, run.sampleIndex, run.candidateIndex, run.outputIndex, run.referenceIndex].join('/');
