import type { StageRequested } from '@atelier/contracts';
import { InferenceInputError, InferenceMemoryError, type ReceivedMessage } from '@atelier/ports';
import { FakeClock, RecordingBus } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import {
  Cancellations,
  createStageHandler,
  StageFailure,
  type StageHandlerOptions,
  type StagePolicy,
} from './index.js';

type Execute = StagePolicy<'scoring'>['execute'];
const RESULT = { sampleIndex: 0, candidateIndex: 0, score: null, answers: [] };
const GENERATION = 'gen_01kb0000000000000000000001';

function order(overrides: Partial<StageRequested<'scoring'>> = {}): StageRequested<'scoring'> {
  const blob = { key: 'a', bytes: 1, sha256: 'f'.repeat(64), contentType: 'image/png' };
  const image = { sampleIndex: 0, candidateIndex: 0, outputIndex: 0, image: blob, widthPx: 16, heightPx: 16 };
  return {
    schemaVersion: 1,
    tenantId: 'ten_default',
    generationId: GENERATION,
    runId: 'run_01kb0000000000000000000002',
    stage: 'scoring',
    fence: 1,
    weights: { name: 'tiny', fingerprint: 'f', profile: 'v4' },
    predictedMs: 100,
    leaseMs: 15_000,
    blobPrefix: 'ten_default/gen/scoring/run-1',
    input: {
      sampleIndex: 0,
      candidateIndex: 0,
      images: [image],
      facts: [{ objects: [], relations: [], absent: [] }],
    },
    ...overrides,
  };
}

/** A scoring worker around `execute`: real handler, recorded bus, fake clock. */
function worker(execute: Execute, overrides: Partial<StageHandlerOptions> = {}) {
  const clock = new FakeClock();
  const bus = new RecordingBus();
  const cancellations = new Cancellations(clock);
  const draining = new AbortController();
  let executionNumber = 0;
  const handler = createStageHandler<'scoring'>(
    { stage: 'scoring', execute },
    {
      bus,
      clock,
      cancellations,
      ids: { executionId: () => `x${++executionNumber}` },
      workerId: 'scoring-1',
      engineFingerprint: 'e',
      ...overrides,
    },
  );
  const message: ReceivedMessage = {
    topic: 'scoring.requested.v1',
    partition: 0,
    offset: '0',
    key: GENERATION,
    value: '',
    headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    attempt: 1,
  };
  const handle = (value = order()) => handler.handle(value, { signal: draining.signal, message });
  return { bus, clock, cancellations, draining, handle };
}

/** A policy that runs until it is stopped, as every well-behaved one does. */
const untilStopped: Execute = (_, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

describe('a stage handler', () => {
  it('publishes the result with the execution, the engine and the time of the stage itself', async () => {
    const { bus, clock, handle } = worker(async (_, context) => {
      expect(context.blobPrefix).toBe('ten_default/gen/scoring/run-1-x1');
      await clock.advance(40);
      return RESULT;
    });
    await handle();
    expect(bus.topics).toEqual(['scoring.completed.v1']);
    expect(bus.on('scoring.completed.v1')[0]).toMatchObject({
      generationId: GENERATION,
      fence: 1,
      executionId: 'x1',
      workerId: 'scoring-1',
      engineFingerprint: 'e',
      durationMs: 40,
      result: RESULT,
    });
    expect(bus.messages[0]).toMatchObject({
      key: GENERATION,
      headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
  });

  it.each([
    ['exhausted memory', new InferenceMemoryError('bad_alloc'), 'out-of-memory', 'out_of_memory'],
    ['impossible input', new InferenceInputError('size 17'), 'invalid', 'invalid_parameter'],
    ['its own class', new StageFailure('invalid', 'prompt_not_drawable', 'xyz'), 'invalid', 'prompt_not_drawable'],
    [
      "a policy's own error that names both",
      Object.assign(new Error('xyz'), { errorClass: 'invalid', code: 'prompt_not_drawable' }),
      'invalid',
      'prompt_not_drawable',
    ],
    [
      'an error with a code of the operating system',
      Object.assign(new Error('full'), { code: 'ENOSPC' }),
      'transient',
      'generation_failed',
    ],
    ['anything else', new Error('EIO'), 'transient', 'generation_failed'],
    ['what is not even an error', 'EIO', 'transient', 'generation_failed'],
  ])('classifies a failure by %s', async (_, thrown, errorClass, code) => {
    const { bus, handle } = worker(() => Promise.reject(thrown));
    await handle();
    expect(bus.topics).toEqual(['scoring.failed.v1']);
    expect(bus.on('scoring.failed.v1')[0]?.error).toMatchObject({ class: errorClass, code });
  });

  it('fails a run whose deadline passed before it started, without executing it', async () => {
    let executed = false;
    const { bus, clock, handle } = worker(async () => {
      executed = true;
      return RESULT;
    });
    await handle(order({ deadlineAt: clock.now() - 1 }));
    expect(executed).toBe(false);
    expect(bus.on('scoring.failed.v1')[0]?.error).toMatchObject({ class: 'expired', code: 'deadline_exceeded' });
  });

  it('says nothing about a run that was canceled while it executed, and stops it', async () => {
    const { bus, cancellations, handle } = worker(untilStopped);
    const handled = handle();
    cancellations.cancel(GENERATION);
    await handled;
    expect(bus.messages).toEqual([]);
  });

  it('drops the result of a policy that finished although it was canceled', async () => {
    const { bus, cancellations, handle } = worker(async () => {
      cancellations.cancel(GENERATION);
      return RESULT;
    });
    await handle();
    expect(bus.messages).toEqual([]);
  });

  it('does not execute an order that arrives after the cancellation', async () => {
    let executed = false;
    const { bus, cancellations, handle } = worker(async () => {
      executed = true;
      return RESULT;
    });
    cancellations.cancel(GENERATION);
    await handle();
    expect([executed, bus.messages]).toEqual([false, []]);
  });

  it('executes and answers an order once, however often it is delivered', async () => {
    let executions = 0;
    const { bus, handle } = worker(async () => {
      executions += 1;
      await Promise.resolve();
      return RESULT;
    });
    await Promise.all([handle(), handle()]);
    await handle();
    expect([executions, bus.topics]).toEqual([1, ['scoring.completed.v1']]);
  });

  it('stops an execution when a newer fence of its run arrives, and answers only the newer one', async () => {
    const { bus, handle } = worker((input, context) =>
      context.fence === 1 ? untilStopped(input, context) : Promise.resolve(RESULT),
    );
    const older = handle(order({ fence: 1 }));
    await handle(order({ fence: 2 }));
    await older;
    await handle(order({ fence: 1 }));
    expect(bus.on('scoring.completed.v1').map(({ fence }) => fence)).toEqual([2]);
  });

  it('is left alone where it is for another worker: an earlier owner of the slot', async () => {
    let executed = 0;
    const { bus, handle } = worker(async () => {
      executed += 1;
      throw new Error('executed');
    });
    await handle({ ...order(), workerId: 'denoising-gone' });
    expect([executed, bus.topics]).toEqual([0, []]);
  });

  it('hands a run back when the process drains', async () => {
    const { bus, draining, handle } = worker(untilStopped);
    const handled = handle();
    draining.abort();
    await handled;
    expect(bus.topics).toEqual(['worker.draining.v1']);
    expect(bus.on('worker.draining.v1')[0]?.handedBack).toEqual([{ runId: order().runId, fence: 1 }]);
  });

  it('does not acknowledge an order whose answer could not be published, and executes it again', async () => {
    let executions = 0;
    const { bus, handle } = worker(async () => {
      executions += 1;
      return RESULT;
    });
    bus.outage = new Error('broker down');
    await expect(handle()).rejects.toThrow('broker down');
    bus.outage = null;
    await handle();
    expect([executions, bus.topics]).toEqual([2, ['scoring.completed.v1']]);
  });

  it('fails a policy whose result breaks the contract, without a retry', async () => {
    const { bus, handle } = worker(async () => ({ ...RESULT, score: 7 }));
    await handle();
    expect(bus.on('scoring.failed.v1')[0]?.error.class).toBe('invalid');
  });

  it('reaches the crash points around execution and publishing in their order', async () => {
    const reached: string[] = [];
    const { handle, bus } = worker(async () => RESULT, {
      crashPoints: { reach: (point) => reached.push(`${point}:${bus.messages.length}`) },
    });
    await handle();
    expect(reached).toEqual(['worker.before-execute:0', 'worker.after-execute:0', 'worker.after-publish:1']);
  });
});

describe('progress', () => {
  const checkpoint = (step: number) => ({
    step,
    checkpoint: { key: 'c', bytes: 1, sha256: 'f'.repeat(64), contentType: 'x' },
  });

  it('is published at most once per interval, with checkpoints always', async () => {
    const { bus, clock, handle } = worker(async (_, { progress }) => {
      for (let step = 0; step <= 8; step++) {
        await progress({ step, steps: 9, ...(step === 6 ? { checkpoint: checkpoint(6) } : {}) });
        await clock.advance(100);
      }
      return RESULT;
    });
    await handle();
    expect(bus.on('generation.progressed.v1').map(({ step }) => step)).toEqual([3, 6]);
  });

  it('announces the start of a long run', async () => {
    const { bus, handle } = worker(async (_, { progress }) => {
      await progress({ step: 0, steps: 8 });
      return RESULT;
    });
    await handle(order({ predictedMs: 2_000 }));
    expect(bus.on('generation.progressed.v1')).toMatchObject([{ step: 0, steps: 8, fence: 1, workerId: 'scoring-1' }]);
  });

  it('announces the start of a short run only where it was ordered before', async () => {
    const { bus, handle } = worker(async (_, { progress }) => {
      await progress({ step: 0, steps: 8 });
      return RESULT;
    });
    await handle(order({ predictedMs: 20, fence: 1 }));
    expect(bus.on('generation.progressed.v1')).toEqual([]);
    await handle(order({ predictedMs: 20, fence: 2 }));
    expect(bus.on('generation.progressed.v1')).toMatchObject([{ step: 0, fence: 2 }]);
  });

  it('does not renew a lease for a policy that reports without advancing', async () => {
    const { bus, clock, handle } = worker(async (_, { progress }) => {
      for (let report = 0; report < 5; report++) {
        await clock.advance(1_000);
        await progress({ step: 2, steps: 8 });
      }
      return RESULT;
    });
    await handle();
    expect(bus.on('generation.progressed.v1')).toHaveLength(1);
  });

  it('that cannot be published does not disturb the work', async () => {
    const errors: unknown[] = [];
    const { bus, clock, handle } = worker(
      async (_, { progress }) => {
        bus.outage = new Error('broker down');
        await clock.advance(1_000);
        await progress({ step: 1, steps: 2 });
        bus.outage = null;
        return RESULT;
      },
      { onError: (error) => errors.push(error) },
    );
    await handle();
    expect(bus.topics).toEqual(['scoring.completed.v1']);
    expect(errors).toHaveLength(1);
  });
});
