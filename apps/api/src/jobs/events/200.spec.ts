import { createClient, type JobStreamEvent } from '@atelier/client-sdk';
import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';
import { change, drawJob } from '../../harness/drawn-job.js';

async function read(events: AsyncIterable<JobStreamEvent>): Promise<JobStreamEvent[]> {
  const all: JobStreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
const sequences = (events: readonly JobStreamEvent[]) =>
  events.map((event) => (event.kind === 'entry' ? event.entry.sequence : 0));

describe('GET /v1/jobs/{id}/events -> 200', () => {
  it('sends the snapshot, then the whole log without gaps, and ends with the terminal entry', async () => {
    const api = await startApi();
    const { id } = await api.createJob();
    const stream = read(createClient({ baseUrl: api.url }).streamJob(id));
    await drawJob(api, id);
    const events = await stream;
    expect(events[0]).toMatchObject({ kind: 'snapshot', job: { id } });
    expect(sequences(events)).toEqual(Array.from({ length: events.length }, (_, index) => index));
    expect(events.at(-1)).toMatchObject({ entry: { type: 'generation.succeeded' } });
  });

  it('goes on behind Last-Event-ID without a snapshot', async () => {
    const api = await startApi();
    const { id } = await api.createJob();
    await drawJob(api, id);
    // Read without the client library, which would hide an entry that was sent again.
    const response = await fetch(`${api.url}/v1/jobs/${id}/events`, { headers: { 'last-event-id': '2' } });
    const ids = [...(await response.text()).matchAll(/^id: (\d+)$/gm)].map(([, sequence]) => Number(sequence));
    expect(ids[0]).toBe(3);
    expect(ids).toEqual(ids.map((_, index) => index + 3));
  });

  it('sends head and first bytes at once, long before anything happens', async () => {
    const api = await startApi();
    const { id } = await api.createJob();
    const hangUp = new AbortController();
    const response = await fetch(`${api.url}/v1/jobs/${id}/events`, { signal: hangUp.signal });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const first = await response.body?.getReader().read();
    expect(new TextDecoder().decode(first?.value)).toMatch(/^: gen_\w+\nretry: \d+\n\n/);
    hangUp.abort();
  });

  it('turns preview keys into links that open', async () => {
    const api = await startApi();
    const { id } = await api.createJob();
    const { key } = await api.blobs.put('previews/1.webp', new Uint8Array([1]), { contentType: 'image/webp' });
    await change(api, id, {}, 'stage.progressed', { stage: 'denoising', data: { step: 1, steps: 4, previewKey: key } });
    await change(api, id, { state: 'canceled', finishedAt: Date.now() }, 'generation.canceled');
    const events = await read(createClient({ baseUrl: api.url }).streamJob(id));
    const progressed = events.find((event) => event.kind === 'entry' && event.entry.type === 'stage.progressed');
    const link = progressed?.kind === 'entry' ? progressed.preview_url : undefined;
    expect((await api.call('GET', link as string)).bytes).toEqual(new Uint8Array([1]));
  });

  it('serves many readers of one job the same log', async () => {
    const api = await startApi();
    const { id } = await api.createJob();
    const readers = Array.from({ length: 8 }, () => read(createClient({ baseUrl: api.url }).streamJob(id)));
    await drawJob(api, id);
    const logs = (await Promise.all(readers)).map(sequences);
    expect(new Set(logs.map(String)).size).toBe(1);
  });
});
