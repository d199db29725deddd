import type { ImageResponse } from '@atelier/contracts';
import { candidateSeed } from '@atelier/domain';
import { describe, expect, it, vi } from 'vitest';
import { type ApiHarness, startApi } from '../../harness/api-harness.js';
import { drawJob, pictureBytes } from '../../harness/drawn-job.js';

/** Sends the request, plays the workers for the job it makes, and returns the answer. */
async function drawThrough(api: ApiHarness, body: Record<string, unknown>, headers: Record<string, string> = {}) {
  const answer = api.call('POST', '/v1/images/generations', { body: { prompt: 'a red apple', ...body }, headers });
  const id = await vi.waitFor(async () => {
    const { generations } = await api.store.list('ten_default', { limit: 1 });
    if (!generations[0] || generations[0].generation.finishedAt) throw new Error('no job yet');
    return generations[0].generation.id;
  });
  await drawJob(api, id);
  return answer;
}

describe('POST /v1/images/generations -> 200', () => {
  it('waits for the job and answers with links that open', async () => {
    const api = await startApi();
    const answer = await drawThrough(api, { seed: 7 });
    expect(answer.status).toBe(200);
    const response = answer.json as ImageResponse;
    expect(response.data).toHaveLength(1);
    expect(response.data[0]).toMatchObject({ seed: 7, width: 64, height: 64, score: 0.9 });
    const picture = await api.call('GET', response.data[0]?.url as string);
    expect(new TextDecoder().decode(picture.bytes)).toMatch(/^picture run_/);
    expect(answer.headers.get('x-job-id')).toBe(response.job);
    expect(answer.headers.get('server-timing')).toMatch(/denoising;dur=5/);
  });

  it('puts the bytes into the body for b64_json, and then no link', async () => {
    const api = await startApi();
    const answer = await drawThrough(api, { response_format: 'b64_json' });
    const [image] = (answer.json as ImageResponse).data;
    expect(image?.url).toBeUndefined();
    expect(Buffer.from(image?.b64_json as string, 'base64').toString()).toMatch(/^picture run_/);
    expect(pictureBytes('x').length).toBeGreaterThan(0);
  });

  it('answers n pictures, each with the seed that draws it again', async () => {
    const api = await startApi();
    const answer = await drawThrough(api, { n: 3, seed: 11 });
    const seeds = (answer.json as ImageResponse).data.map(({ seed }) => seed);
    expect(seeds).toEqual([0, 1, 2].map((sample) => candidateSeed(11, sample, 0)));
  });

  it('names unknown fields, a substituted model and a changed size in warnings[]', async () => {
    const api = await startApi();
    const answer = await drawThrough(api, {
      sampler: 'euler',
      model: 'gpt-image-1',
      size: '1024x1024',
      quality: 'high',
    });
    const { warnings, size, model } = answer.json as ImageResponse;
    expect(warnings.map(({ code, param }) => `${code}:${param}`)).toEqual([
      'unknown_parameter:sampler',
      'model_substituted:model',
      'size_changed:size',
      'parameter_ignored:quality',
    ]);
    expect({ size, model }).toEqual({ size: '128x128', model: 'spec-weights' });
  });

  it('joins the running job when a request comes again with the same idempotency key', async () => {
    const api = await startApi();
    const headers = { 'idempotency-key': 'order-66' };
    const body = { prompt: 'a red apple' };
    const first = api.call('POST', '/v1/images/generations', { body, headers });
    await vi.waitFor(async () =>
      expect((await api.store.list('ten_default', { limit: 9 })).generations).toHaveLength(1),
    );
    const second = api.call('POST', '/v1/images/generations', { body, headers });
    const [aggregate] = (await api.store.list('ten_default', { limit: 9 })).generations;
    await drawJob(api, aggregate?.generation.id as string);
    const [a, b] = await Promise.all([first, second]);
    expect((a.json as ImageResponse).job).toBe((b.json as ImageResponse).job);
    expect([a, b].map(({ headers: got }) => got.get('idempotency-replayed')).sort()).toEqual(['true', null].sort());
    expect((await api.store.list('ten_default', { limit: 9 })).generations).toHaveLength(1);
  });

  it('meets its own job again when a client library repeats the request without any key', async () => {
    const api = await startApi();
    const first = await drawThrough(api, { n: 2 }, { 'x-stainless-retry-count': '0' });
    const retry = await api.call('POST', '/v1/images/generations', {
      body: { prompt: 'a red apple', n: 2 },
      headers: { 'x-stainless-retry-count': '1' },
    });
    expect((retry.json as ImageResponse).job).toBe((first.json as ImageResponse).job);
    expect((await api.store.list('ten_default', { limit: 9 })).generations).toHaveLength(1);
  });

  it('draws twice when a person asks twice', async () => {
    const api = await startApi();
    const first = await drawThrough(api, {}, { 'x-stainless-retry-count': '0' });
    const second = await drawThrough(api, {}, { 'x-stainless-retry-count': '0' });
    expect((second.json as ImageResponse).job).not.toBe((first.json as ImageResponse).job);
  });

  it('keeps the job when the caller hangs up', async () => {
    const api = await startApi();
    const hangUp = new AbortController();
    const lost = fetch(`${api.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a red apple' }),
      signal: hangUp.signal,
    }).catch((error: Error) => error.name);
    const id = await vi.waitFor(async () => {
      const [found] = (await api.store.list('ten_default', { limit: 1 })).generations;
      if (!found) throw new Error('no job yet');
      return found.generation.id;
    });
    hangUp.abort();
    expect(await lost).toBe('AbortError');
    await drawJob(api, id);
    const job = await api.call('GET', `/v1/jobs/${id}`);
    expect(job.json).toMatchObject({ status: 'succeeded', samples: [{ status: 'succeeded' }] });
    expect(api.errors).toEqual([]);
  });
});
