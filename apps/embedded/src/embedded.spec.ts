import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AtelierClient, createClient, type Job, type JobStreamEvent } from '@atelier/client-sdk';
import { STAGES } from '@atelier/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedPlatform, findWeights, startEmbedded } from './index.js';

/** Real: everything, in this process, with the tiny weights. */
describe('the embedded platform', () => {
  let dataDir: string;
  let platform: EmbeddedPlatform;
  let client: AtelierClient;

  async function start(): Promise<void> {
    platform = await startEmbedded({ dataDir, weightsDir: await findWeights('tiny') });
    client = createClient({ baseUrl: platform.url });
  }
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'atelier-embedded-'));
    await start();
  });
  afterEach(async () => {
    await platform.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function drawnBytes(seed: number): Promise<Uint8Array> {
    const { data } = await client.drawImages({ prompt: 'a red apple', seed });
    return client.downloadImage(data[0]?.url as string);
  }

  it('is ready once it has drawn its first picture, and not before', async () => {
    expect(await client.ready()).toBe('starting');
    const check = await platform.ready;
    expect(check?.imageBytes).toBeGreaterThan(100);
    expect(await client.ready()).toBe('ready');
  });

  it('draws the same bytes for the same seed, also after a restart, and other bytes for another', async () => {
    const first = await drawnBytes(7);
    const again = await drawnBytes(7);
    const other = await drawnBytes(8);
    await platform.stop();
    await start();
    const restarted = await drawnBytes(7);
    expect(sha256(again)).toBe(sha256(first));
    expect(sha256(restarted)).toBe(sha256(first));
    expect(sha256(other)).not.toBe(sha256(first));
  });

  it('keeps jobs and links across a restart', async () => {
    const { job, data } = await client.drawImages({ prompt: 'a red apple', seed: 7 });
    await platform.stop();
    await start();
    expect((await client.getJob(job)).status).toBe('succeeded');
    const path = new URL(data[0]?.url as string);
    expect((await client.downloadImage(`${path.pathname}${path.search}`)).length).toBeGreaterThan(100);
  });

  it('writes a log that tells the whole story, without gaps, once', async () => {
    const job = await client.createJob({ prompt: 'a red apple', seed: 3, n: 2 });
    const events: JobStreamEvent[] = [];
    for await (const event of client.streamJob(job.id)) events.push(event);
    const entries = events.flatMap((event) => (event.kind === 'entry' ? [event.entry] : []));
    expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index + 1));
    const types = entries.map(({ type }) => type);
    expect(types[0]).toBe('generation.queued');
    expect(types.at(-1)).toBe('generation.succeeded');
    expect(types.filter((type) => type === 'prompt.expanded')).toHaveLength(1);
    expect(types.filter((type) => type === 'sample.succeeded')).toHaveLength(2);
    const completed = entries.filter(({ type }) => type === 'stage.completed').map(({ stage }) => stage);
    for (const stage of ['denoising', 'decoding'] as const) {
      expect(completed.filter((one) => one === stage)).toHaveLength(2);
    }
    expect(completed.every((stage) => stage !== undefined && STAGES.includes(stage))).toBe(true);
  });

  it('accounts for every picture once and for the time of every stage', async () => {
    const { job } = await client.drawImages({ prompt: 'a red apple', seed: 3, n: 2 });
    const charges = await platform.store.charges(job);
    expect(charges.map(({ sampleIndex }) => sampleIndex).sort()).toEqual([0, 1]);
    const finished = await client.getJob(job);
    expect(finished.cost.charged_images).toBe(2);
    for (const stage of ['denoising', 'decoding']) expect(finished.timings.stages[stage]).toBeGreaterThan(0);
  });

  it('stops a running job within a step and shows nothing of it', async () => {
    const job = await client.createJob({ prompt: 'a red apple', seed: 3, steps: 64, n: 4 });
    const canceled = await untilRunning(job.id);
    expect(canceled.status).toBe('canceled');
    const events: JobStreamEvent[] = [];
    for await (const event of client.streamJob(job.id)) events.push(event);
    expect(events.at(-1)).toMatchObject({ entry: { type: 'generation.canceled' } });
    const settled = await client.getJob(job.id);
    expect(settled.runs.filter(({ state }) => ['ready', 'dispatched', 'running'].includes(state))).toEqual([]);
    expect(settled.samples.every(({ status }) => status === 'canceled' || status === 'succeeded')).toBe(true);
  });

  it('serves the documentation and leads the root to a page', async () => {
    const [root, docs] = await Promise.all([fetch(`${platform.url}/`), fetch(`${platform.url}/docs`)]);
    expect(root.headers.get('content-type')).toMatch(/^text\/html/);
    expect(docs.status).toBe(200);
  });

  async function untilRunning(id: string): Promise<Job> {
    for await (const event of client.streamJob(id)) {
      if (event.kind === 'entry' && event.entry.stage === 'denoising') return client.cancelJob(id);
    }
    throw new Error('the job ended before it was canceled');
  }
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
