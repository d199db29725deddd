import {
  STAGES,
  type Stage,
  type StageError,
  type StageInput,
  type StageRequested,
  type StageResult,
  stageTopic,
  type TopicValue,
  toMessage,
} from '@atelier/contracts';
import type { Clock, MessageBus, OutgoingMessage, ReceivedMessage, TopicHandler } from '@atelier/ports';
import { buildFacts } from './builders.js';

/** One order as a scripted worker received it. `execution` counts the orders of this run that came so far, from 1. */
export interface ReceivedOrder {
  readonly order: StageRequested<Stage>;
  readonly workerId: string;
  readonly execution: number;
}

/** What a worker does with an order: completes it (with another result if given), fails, or falls silent. */
export type Script = (received: ReceivedOrder) => 'complete' | 'silent' | { error: StageError } | { result: unknown };

export interface ScriptedWorkersOptions {
  readonly bus: Pick<MessageBus, 'publish'>;
  readonly clock: Clock;
  readonly script?: Script;
  /** Denoising workers. @default 1 */
  readonly denoisers?: number;
  /** Milliseconds that an execution claims to have taken. @default 10 */
  readonly durationMs?: (order: StageRequested<Stage>) => number;
}

/** Workers of all stages that do no work: they answer orders by a script. For specs of the control plane. */
export class ScriptedWorkers {
  readonly received: ReceivedOrder[] = [];
  /** Answers as published, to repeat one later as a zombie would. */
  readonly answers: OutgoingMessage[] = [];
  script: Script;
  private readonly slots = new Map<string, number>();
  private readonly executed = new Set<string>();
  private reports = 0;

  constructor(private readonly options: ScriptedWorkersOptions) {
    this.script = options.script ?? (() => 'complete');
  }

  handlers(): TopicHandler[] {
    const assigned: TopicHandler<'worker.assigned.v1'> = {
      topic: 'worker.assigned.v1',
      group: 'assignments',
      handle: async ({ workerId, slot }) => {
        if (this.slots.get(workerId) === slot) return;
        this.slots.set(workerId, slot);
        await this.report();
      },
    };
    const orders = STAGES.map(
      (stage): TopicHandler => ({
        topic: stageTopic(stage, 'requested'),
        group: stage,
        handle: async (value, { message }) => this.receive(value as StageRequested<Stage>, message),
      }),
    );
    return [assigned as TopicHandler, ...orders];
  }

  /** One sign of life of every worker. */
  async report(): Promise<void> {
    const workers = STAGES.flatMap((stage) =>
      Array.from({ length: stage === 'denoising' ? (this.options.denoisers ?? 1) : 1 }, (_, index) => ({
        stage,
        workerId: `${stage}-${index}`,
      })),
    );
    for (const { stage, workerId } of workers) {
      this.reports += 1;
      const value: TopicValue<'worker.reported.v1'> = {
        schemaVersion: 1,
        workerId,
        stage,
        slot: this.slots.get(workerId) ?? null,
        capacity: stage === 'denoising' ? 2 : 4,
        inFlight: 0,
        engineFingerprint: 'e'.repeat(64),
        weights: ['spec-weights'],
        maxPixels: 1 << 20,
        cacheDigests: [],
        reportedAt: this.options.clock.now(),
      };
      await this.say('worker.reported.v1', workerId, value, `${workerId}.${this.reports}`);
    }
  }

  /** Tells of a step, as a worker that executes this order does. */
  async progress(order: StageRequested<Stage>, step: number, extra: object = {}): Promise<void> {
    const { schemaVersion, tenantId, generationId, runId, fence, stage } = order;
    const steps = stage === 'denoising' ? (order.input as StageInput<'denoising'>).steps : 1;
    await this.say(
      'generation.progressed.v1',
      generationId,
      {
        ...{ schemaVersion, tenantId, generationId, runId, fence, stage, step, steps },
        workerId: this.workerOf(order, null),
        ...extra,
      },
      `${runId}.${fence}.${step}`,
    );
  }

  /** Completes an order now, whatever the script says. */
  async complete(order: StageRequested<Stage>, result: unknown = resultOf(order)): Promise<void> {
    await this.answer(order, 'completed', { result }, this.workerOf(order, null));
  }

  /** Says that a worker takes no new work and gives these orders back. */
  async drain(workerId: string, stage: Stage, handedBack: { runId: string; fence: number }[]): Promise<void> {
    await this.say(
      'worker.draining.v1',
      workerId,
      { schemaVersion: 1, workerId, stage, handedBack },
      `${workerId}.draining`,
    );
  }

  /** Orders of a stage, in the order they came. */
  ordersOf<S extends Stage>(stage: S): StageRequested<S>[] {
    return this.received.filter(({ order }) => order.stage === stage).map(({ order }) => order as StageRequested<S>);
  }

  private async receive(order: StageRequested<Stage>, message: ReceivedMessage): Promise<void> {
    // As the stage runner does: an order that comes again is not executed again.
    const key = `${order.runId}.${order.fence}`;
    if (this.executed.has(key)) return;
    this.executed.add(key);
    const workerId = this.workerOf(order, message);
    const execution = this.received.filter((one) => one.order.runId === order.runId).length + 1;
    const received: ReceivedOrder = { order, workerId, execution };
    this.received.push(received);
    const action = this.script(received);
    if (action === 'silent') return;
    if (action === 'complete') await this.answer(order, 'completed', { result: resultOf(order) }, workerId);
    else if ('error' in action) await this.answer(order, 'failed', { error: action.error }, workerId);
    else await this.answer(order, 'completed', { result: action.result }, workerId);
  }

  private workerOf(order: StageRequested<Stage>, message: ReceivedMessage | null): string {
    const known = this.received.find((one) => one.order.runId === order.runId && one.order.fence === order.fence);
    if (known) return known.workerId;
    const slot = message?.partition;
    const owner = [...this.slots].find(([, owned]) => owned === slot)?.[0];
    return order.stage === 'denoising' && owner ? owner : `${order.stage}-0`;
  }

  private async answer(
    order: StageRequested<Stage>,
    verb: 'completed' | 'failed',
    outcome: object,
    workerId: string,
  ): Promise<void> {
    const { schemaVersion, tenantId, generationId, runId, fence, stage } = order;
    const topic = stageTopic(stage, verb);
    const value = {
      ...{ schemaVersion, tenantId, generationId, runId, fence, stage, workerId },
      executionId: 'x1',
      engineFingerprint: 'e'.repeat(64),
      durationMs: this.options.durationMs?.(order) ?? 10,
      ...outcome,
    } as TopicValue<typeof topic>;
    const message = toMessage(topic, generationId, value, {
      id: `${runId}.${fence}.${verb}`,
      source: `/workers/${stage}/${workerId}`,
      time: this.options.clock.now(),
    });
    this.answers.push(message);
    await this.options.bus.publish([message]);
  }

  private async say<N extends 'worker.reported.v1' | 'worker.draining.v1' | 'generation.progressed.v1'>(
    topic: N,
    key: string,
    value: TopicValue<N>,
    id: string,
  ): Promise<void> {
    const attributes = { id, source: '/workers', time: this.options.clock.now() };
    await this.options.bus.publish([toMessage(topic, key, value, attributes)]);
  }
}

/** A plausible result of an order: every field where the contract wants one, blobs named after the order's prefix. */
export function resultOf(order: StageRequested<Stage>): StageResult<Stage> {
  const blob = (name: string, contentType: string) => ({
    key: `${order.blobPrefix}-x1/${name}`,
    bytes: 100,
    sha256: 'b'.repeat(64),
    contentType,
  });
  switch (order.stage) {
    case 'prompt-expansion': {
      const input = order.input as StageInput<'prompt-expansion'>;
      return {
        expansions: input.prompts.map((original) => ({
          original,
          expanded: `glossy. ${original}`,
          facts: buildFacts(),
          explanation: [],
        })),
        plans: Array.from({ length: input.samples }, (_, sample) =>
          Array.from({ length: input.outputs }, (_, output) => ({
            caption: `sample ${sample} output ${output}`,
            layout: [],
          })),
        ),
        warnings: [],
      };
    }
    case 'reference-encoding': {
      const { referenceIndex } = order.input as StageInput<'reference-encoding'>;
      const latents = blob('latents.safetensors', 'application/x-safetensors');
      return { referenceIndex, latents, cacheKey: `key-${referenceIndex}`, cacheHit: false };
    }
    case 'denoising': {
      const { sampleIndex, candidateIndex, steps, resume } = order.input as StageInput<'denoising'>;
      const latents = blob('latents.safetensors', 'application/x-safetensors');
      const resumedFromStep = resume?.step ?? 0;
      return { sampleIndex, candidateIndex, latents, stepsRun: steps - resumedFromStep, resumedFromStep };
    }
    case 'decoding': {
      const { sampleIndex, candidateIndex, outputIndex, size } = order.input as StageInput<'decoding'>;
      return { sampleIndex, candidateIndex, outputIndex, image: blob('image.png', 'image/png'), ...size };
    }
    case 'scoring': {
      const { sampleIndex, candidateIndex } = order.input as StageInput<'scoring'>;
      return { sampleIndex, candidateIndex, score: 0.5, answers: [] };
    }
  }
}
