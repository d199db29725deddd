import { createHash } from 'node:crypto';
import type { ImageResponse } from '@atelier/contracts';
import type { GenerationAggregate } from '@atelier/ports';
import { buildEngine } from '@atelier/testing';
import { describe, expect, it, vi } from 'vitest';
import { type ApiHarness, startApi } from '../../harness/api-harness.js';
import { drawJob } from '../../harness/drawn-job.js';
import { editForm, editingManifest, pngHeader } from '../../harness/uploads.js';

const editor = () => startApi({ describe: () => buildEngine({ manifest: editingManifest() }) });

/** Sends the form, plays the workers for the job it makes, and returns the answer and the stored job. */
async function editThrough(
  api: ApiHarness,
  picture: Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
): Promise<{ response: ImageResponse; job: GenerationAggregate }> {
  const body = editForm({ image: picture }, 'make the apple red', fields);
  const answering = api.call('POST', '/v1/images/edits', { body });
  const id = await vi.waitFor(async () => {
    const { generations } = await api.store.list('ten_default', { limit: 1 });
    if (!generations[0] || generations[0].generation.finishedAt) throw new Error('no job yet');
    return generations[0].generation.id;
  });
  await drawJob(api, id);
  const answer = await answering;
  expect(answer.status, JSON.stringify(answer.json)).toBe(200);
  return { response: answer.json as ImageResponse, job: (await api.store.load(id)) as GenerationAggregate };
}

describe('POST /v1/images/edits -> 200', () => {
  it('takes the only trained edit, stores the picture for its tenant and answers with the result', async () => {
    const api = await editor();
    const picture = pngHeader(64, 64);
    const { response, job } = await editThrough(api, picture, { seed: '7', n: '2', response_format: 'b64_json' });
    const { request } = job.generation;
    expect(request).toMatchObject({ task: 'recolour', samples: 2, seed: 7, prompts: ['make the apple red'] });
    const sha256 = createHash('sha256').update(picture).digest('hex');
    expect(request.references).toMatchObject([{ role: 'source', weight: 1, blob: { sha256, bytes: picture.length } }]);
    const [reference] = request.references;
    expect(reference?.blob.key).toMatch(/^ten_default\/references\//);
    expect(await api.blobs.get(reference?.blob.key as string)).toEqual(picture);
    expect(response.data).toHaveLength(2);
    expect(response.data[0]?.b64_json).toBeDefined();
    expect(response.warnings).toEqual([]);
  });

  it('reads the picture at the nearest size that the weights draw, and says so', async () => {
    const { response, job } = await editThrough(await editor(), pngHeader(1000, 500));
    expect(job.generation.request.size).toEqual({ widthPx: 128, heightPx: 128 });
    expect(response.warnings).toMatchObject([{ code: 'picture_resized', param: 'image' }]);
    expect(response.warnings[0]?.message).toContain('1000x500');
  });

  it('hands on where the thing lies, and names fields that nobody knows', async () => {
    const fields = { edit_box: '0.25,0.5,0.25,0.25', sampler: 'euler', input_fidelity: 'high' };
    const { response, job } = await editThrough(await editor(), pngHeader(64, 64), fields);
    expect(job.generation.request.editBox).toEqual({ x: 0.25, y: 0.5, width: 0.25, height: 0.25 });
    expect(response.warnings).toMatchObject([{ code: 'unknown_parameter', param: 'sampler' }]);
  });

  it('meets its job again by the idempotency key, and refuses the key for another picture', async () => {
    const api = await editor();
    const headers = { 'idempotency-key': 'one' };
    const send = (picture: Uint8Array<ArrayBuffer>) =>
      api.call('POST', '/v1/images/edits', { body: editForm({ image: picture }, 'make the apple red'), headers });
    const first = send(pngHeader(64, 64));
    const id = await vi.waitFor(async () => {
      const { generations } = await api.store.list('ten_default', { limit: 1 });
      if (!generations[0]) throw new Error('no job yet');
      return generations[0].generation.id;
    });
    await drawJob(api, id);
    await first;
    expect((await send(pngHeader(64, 64))).headers.get('idempotency-replayed')).toBe('true');
    expect((await send(pngHeader(128, 128))).status).toBe(422);
  });
});
