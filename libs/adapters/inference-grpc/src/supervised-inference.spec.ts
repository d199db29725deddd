import { type DenoiseRequest, type DenoiseState, InferenceInputError, InferenceMemoryError } from '@atelier/ports';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { faultyRuntime, TINY_WEIGHTS, tinyRuntime } from './harness/python-runtime.js';
import { backoffMs, RuntimeFaultError, RuntimeLostError, RuntimeUnusableError, SupervisedInference } from './index.js';
import type { SupervisorEvent, SupervisorOptions } from './runtime-supervisor.js';

const PATIENCE_MS = 60_000;

const drawing = (caption: string, steps: number): DenoiseRequest => ({
  task: 'text-to-image',
  plans: [{ caption, layout: [] }],
  references: [],
  size: { widthPx: 64, heightPx: 64 },
  seed: 7,
  steps,
  guidance: 1,
});

describe('supervised inference', { timeout: PATIENCE_MS }, () => {
  const opened: SupervisedInference[] = [];
  const events: SupervisorEvent[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((engine) => engine.close()));
    events.splice(0);
  });

  const open = async (overrides: Partial<SupervisorOptions> = {}, weights = TINY_WEIGHTS) => {
    const engine = await SupervisedInference.open({
      command: await faultyRuntime(weights),
      healthIntervalMs: 50,
      healthDeadlineMs: 5_000,
      firstBackoffMs: 20,
      onEvent: (event) => void events.push(event),
      ...overrides,
    });
    opened.push(engine);
    return engine;
  };
  const draw = (engine: SupervisedInference, caption: string, steps = 3, onFirstStep?: () => void) =>
    engine.denoise(drawing(caption, steps), { onStep: async ({ step }) => void (step === 1 && onFirstStep?.()) });
  const pids = () => events.flatMap((event) => (event.kind === 'started' ? [event.pid as number] : []));
  const causes = () => events.flatMap((event) => (event.kind === 'lost' ? [event.cause] : []));

  it('killed during a denoise: that call fails with the cause, the next one is drawn by a new process', async () => {
    const engine = await open();
    const killed = draw(engine, 'apple', 40, () => process.kill(pids()[0] as number, 'SIGKILL'));
    await expect(killed).rejects.toThrow(/was ended by SIGKILL/);
    await expect(killed).rejects.toBeInstanceOf(RuntimeLostError);
    expect(await draw(engine, 'apple')).toMatchObject({ stepsRun: 3 });
    expect(new Set(pids()).size).toBe(2);
  });

  it('stopped by SIGSTOP: it is found silent, killed and replaced', async () => {
    const engine = await open({ healthDeadlineMs: 1_500 });
    const stopped = draw(engine, 'apple', 40, () => process.kill(pids()[0] as number, 'SIGSTOP'));
    await expect(stopped).rejects.toThrow(/hung: no answer/);
    expect(await draw(engine, 'apple')).toMatchObject({ stepsRun: 3 });
  });

  it('a step that never returns: the process is killed though it still answers', async () => {
    const engine = await open({ workDeadlineMs: 400 });
    await expect(draw(engine, 'hang')).rejects.toThrow(/hung: one piece of work takes \d+ ms/);
    expect(await draw(engine, 'apple')).toMatchObject({ stepsRun: 3 });
  });

  it('a request that ends the process is refused after the second time; others go on', async () => {
    const engine = await open();
    const together = () => Promise.allSettled([draw(engine, 'exit'), draw(engine, 'pear', 40)]);
    for (const first of await together()) {
      expect(first).toMatchObject({ status: 'rejected', reason: expect.any(RuntimeLostError) });
      expect(`${(first as PromiseRejectedResult).reason}`).toContain('exited with code 139');
    }
    const [again, pear] = await together();
    expect(again).toMatchObject({ status: 'rejected', reason: expect.any(RuntimeLostError) });
    expect(pear).toMatchObject({ status: 'fulfilled', value: { stepsRun: 40 } });
    await expect(draw(engine, 'exit')).rejects.toBeInstanceOf(InferenceInputError);
    expect(pids()).toHaveLength(3);
  });

  it('a lost card ends the process and a new one starts', async () => {
    const engine = await open();
    await expect(draw(engine, 'lost card')).rejects.toThrow(/exited with code 70.*illegal memory access/s);
    expect(await draw(engine, 'apple')).toMatchObject({ stepsRun: 3 });
  });

  it('exhausted memory and a fault are told apart and cost no restart', async () => {
    const engine = await open();
    await expect(draw(engine, 'memory')).rejects.toBeInstanceOf(InferenceMemoryError);
    await expect(draw(engine, 'fault')).rejects.toBeInstanceOf(RuntimeFaultError);
    expect(await draw(engine, 'apple')).toMatchObject({ stepsRun: 3 });
    expect(pids()).toHaveLength(1);
  });

  it('weights that cannot be used are reported once, without restarts', async () => {
    await expect(open({}, '/nonexistent')).rejects.toThrow(/WeightsError.*no such folder/);
    await expect(open({}, '/nonexistent')).rejects.toBeInstanceOf(RuntimeUnusableError);
    expect(causes()).toEqual([]);
  });

  it('a program that cannot be started is reported as unusable', async () => {
    const command = { program: '/nonexistent/python', args: [] };
    await expect(open({ command })).rejects.toBeInstanceOf(RuntimeUnusableError);
  });

  it('aborted while a new process starts: the call ends at once and does not wait for it', async () => {
    const engine = await open({ firstBackoffMs: 30_000 });
    const killed = draw(engine, 'apple', 40, () => process.kill(pids()[0] as number, 'SIGKILL'));
    await expect(killed).rejects.toBeInstanceOf(RuntimeLostError);
    const abort = new AbortController();
    const waiting = engine.denoise(drawing('pear', 3), { signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(pids()).toHaveLength(1);
  });

  it('closed: the process is gone, and later calls fail instead of hanging', async () => {
    const engine = await open();
    await engine.close();
    await vi.waitFor(() => expect(() => process.kill(pids()[0] as number, 0)).toThrow());
    await expect(draw(engine, 'apple')).rejects.toThrow();
  });
});

describe('a real drawing that loses its process', { timeout: 180_000 }, () => {
  it('goes on from its last state in the new process, to the same bytes', async () => {
    const pids: number[] = [];
    const engine = await SupervisedInference.open({
      command: await tinyRuntime(),
      healthIntervalMs: 50,
      firstBackoffMs: 20,
      onEvent: (event) => event.kind === 'started' && pids.push(event.pid as number),
    });
    const request: DenoiseRequest = {
      task: 'text-to-image',
      plans: [{ caption: 'flat. desert at day <v0>. cactus <x32><y36><s32>.', layout: [] }],
      references: [],
      size: { widthPx: 64, heightPx: 64 },
      seed: 7,
      steps: 8,
      guidance: 1,
    };
    const undisturbed = await engine.denoise(request);
    const states: DenoiseState[] = [];
    const killed = engine.denoise(request, {
      onStep: async ({ state }) => {
        states.push(state);
        if (state.step === 3) process.kill(pids[0] as number, 'SIGKILL');
      },
    });
    await expect(killed).rejects.toBeInstanceOf(RuntimeLostError);
    const resume = states[2] as DenoiseState;
    const resumed = await engine.denoise({ ...request, resume });
    expect(resumed).toEqual({ latents: undisturbed.latents, stepsRun: 5 });
    expect(pids).toHaveLength(2);
    await engine.close();
  });
});

describe('back-off', () => {
  it('doubles from restart to restart up to its limit', () => {
    expect([1, 2, 3, 4, 5].map((restart) => backoffMs(restart, 250, 1_500))).toEqual([250, 500, 1_000, 1_500, 1_500]);
  });
});
