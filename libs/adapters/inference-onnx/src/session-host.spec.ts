import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SessionError } from './session-error.js';
import { SessionHost } from './session-host.js';

const graph = (name: string) => fileURLToPath(new URL(`../fixtures/miniature/${name}.onnx`, import.meta.url));
const TOKENS = { dims: [1, 2], data: BigInt64Array.of(5n, 6n) };
const TASK = { dims: [1], data: BigInt64Array.of(0n) };

/** A caption of a million tokens: some hundred milliseconds of work. */
const longFeeds = () => ({ token_ids: { dims: [1, 1_000_000], data: new BigInt64Array(1_000_000) }, task_id: TASK });

describe('the session host', () => {
  let host: SessionHost;
  beforeEach(() => {
    host = new SessionHost({ graphs: { prefix: graph('prefix'), missing: graph('missing') }, threads: 1 });
  });
  afterEach(() => host.close());
  const runPrefix = () => host.run('prefix', { token_ids: TOKENS, task_id: TASK });
  /** Ends the thread under the host, as a crash does. */
  const killThread = () => (host as unknown as { thread: { terminate(): Promise<number> } }).thread.terminate();

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
    // Long enough that the thread dies before it could answer.
    const underWay = expect(host.run('prefix', longFeeds())).rejects.toBeInstanceOf(SessionError);
    await killThread();
    await underWay;
    expect(await runPrefix()).toEqual(before);
  });

  it('names a tensor that was lost with its thread', async () => {
    const held = await host.runAndHold('prefix', { token_ids: TOKENS, task_id: TASK });
    await killThread();
    await expect(host.run('prefix', { token_ids: { held }, task_id: TASK })).rejects.toThrow('no held tensor');
  });

  it('goes on after a graph that cannot be loaded and after feeds that do not fit', async () => {
    await expect(host.run('missing', {})).rejects.toBeInstanceOf(SessionError);
    await expect(host.run('prefix', { token_ids: TOKENS })).rejects.toBeInstanceOf(SessionError);
    expect(Object.keys(await runPrefix())).toEqual(['prefix_kv']);
  });

  it('that is closed refuses calls', async () => {
    await runPrefix();
    await host.close();
    await expect(runPrefix()).rejects.toBeInstanceOf(SessionError);
  });
});
