import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SessionError } from './session-error.js';
import { SessionHost } from './session-host.js';
import type { ThreadControl } from './thread-control.js';

const graph = (name: string) => fileURLToPath(new URL(`../fixtures/miniature/${name}.onnx`, import.meta.url));
const TOKENS = { dims: [1, 2], data: BigInt64Array.of(5n, 6n) };
/** The prefix graph's inputs besides the tokens: the task, and no references. */
const REST = {
  task_id: { dims: [1], data: BigInt64Array.of(0n) },
  reference_kv: { dims: [1, 2, 1, 0, 4], data: new Float32Array() },
  reference_positions: { dims: [0, 3], data: new Float32Array() },
};

/** A caption of a million tokens: some hundred milliseconds of work. */
const longFeeds = () => ({ token_ids: { dims: [1, 1_000_000], data: new BigInt64Array(1_000_000) }, ...REST });

describe('the session host', () => {
  let host: SessionHost;
  beforeEach(() => {
    host = new SessionHost({ graphs: { prefix: graph('prefix'), missing: graph('missing') }, threads: 1 });
  });
  afterEach(() => host.close());
  const runPrefix = () => host.run('prefix', { token_ids: TOKENS, ...REST });
  /** Makes the thread throw where nobody catches, as a broken one does. */
  const breakThread = () =>
    (host as unknown as { thread: { postMessage(message: null): void } }).thread.postMessage(null);

  it('leaves the event loop free while a graph runs for long', async () => {
    const feeds = longFeeds();
    const warm = await host.runAndHold('prefix', feeds);
    const [startedMs, delay] = [performance.now(), monitorEventLoopDelay({ resolution: 1 })];
    const running = host.runAndHold('prefix', feeds);
    // Sending the tokens is the caller's own work: what counts is the time of the run behind it.
    await new Promise((resolve) => setImmediate(resolve));
    delay.enable();
    const held = await running;
    delay.disable();
    const runMs = performance.now() - startedMs;
    expect(delay.max / 1e6).toBeLessThan(runMs / 2);
    for (const number of [warm, held]) host.release(number);
  });

  it('fails the calls under way when its thread dies, and starts another one for the next', async () => {
    const before = await runPrefix();
    breakThread();
    await expect(runPrefix()).rejects.toBeInstanceOf(SessionError);
    expect(await runPrefix()).toEqual(before);
  });

  it('names a tensor that was lost with its thread', async () => {
    const held = await host.runAndHold('prefix', { token_ids: TOKENS, ...REST });
    breakThread();
    await expect(runPrefix()).rejects.toBeInstanceOf(SessionError);
    await expect(host.run('prefix', { token_ids: { held }, ...REST })).rejects.toThrow('no held tensor');
  });

  it('goes on after a graph that cannot be loaded and after feeds that do not fit', async () => {
    await expect(host.run('missing', {})).rejects.toBeInstanceOf(SessionError);
    await expect(host.run('prefix', { token_ids: TOKENS })).rejects.toBeInstanceOf(SessionError);
    expect(Object.keys(await runPrefix())).toEqual(['prefix_kv']);
  });

  // Ending a thread inside the runtime's native code would abort the process, and these specs with it.
  it('closed in the middle of a run waits for it, and runs nothing of what was queued behind', async () => {
    await runPrefix();
    const running = Promise.allSettled([host.run('prefix', longFeeds()), host.run('prefix', longFeeds())]);
    await new Promise((resolve) => setImmediate(resolve));
    await host.close();
    const [, queued] = await running;
    expect(queued.status).toBe('rejected');
  });

  it('makes a process that exits wait for the run under way', async () => {
    await runPrefix();
    const running = host.run('prefix', longFeeds());
    const { control } = host as unknown as { control: ThreadControl };
    const callsUnderWay = () => control.words[1] as number;
    while (callsUnderWay() === 0) await new Promise((resolve) => setImmediate(resolve));
    (process.listeners('exit').at(-1) as () => void)();
    expect(callsUnderWay()).toBe(0);
    await expect(running).resolves.toHaveProperty('prefix_kv');
    await expect(runPrefix()).rejects.toBeInstanceOf(SessionError);
  });

  it('that is closed refuses calls', async () => {
    await runPrefix();
    await host.close();
    await expect(runPrefix()).rejects.toBeInstanceOf(SessionError);
  });
});
