import { createHash } from 'node:crypto';
import type { ImageResponse, Job } from '@atelier/contracts';
import type { GenerationAggregate } from '@atelier/ports';
import { buildEngine } from '@atelier/testing';
import { describe, expect, it, vi } from 'vitest';
import { type ApiHarness, startApi } from '../../harness/api-harness.js';
import { drawJob } from '../../harness/drawn-job.js';
import { storedPicture } from '../../harness/stored-picture.js';
import { editForm, editingManifest, maskPng, pngHeader } from '../../harness/uploads.js';

/** A busy machine takes its time to accept a job. */
const PATIENTLY = { timeout: 15_000 };

const TASKS = ['recolour', 'style', 'compose', 'edges', 'mask'];
const manyTasks = () => startApi({ describe: () => buildEngine({ manifest: editingManifest(TASKS, 4) }) });
const editor = () => startApi({ describe: () => buildEngine({ manifest: editingManifest() }) });

/** Sends the form, plays the workers for the job it makes, and returns the answer and the stored job. */
async function editThrough(
  api: ApiHarness,
  picture: Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
  more: Record<string, Uint8Array<ArrayBuffer>> = {},
): Promise<{ response: ImageResponse; job: GenerationAggregate }> {
  const body = editForm({ image: picture, ...more }, 'make the apple red', fields);
  const answering = api.call('POST', '/v1/images/edits', { body });
  const id = await vi.waitFor(async () => {
    const { generations } = await api.store.list('ten_default', { limit: 1 });
    if (!generations[0] || generations[0].generation.finishedAt) throw new Error('no job yet');
    return generations[0].generation.id;
  }, PATIENTLY);
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
    expect(request.references).toMatchObject([{ role: 'scene', weight: 1, blob: { sha256, bytes: picture.length } }]);
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

  it('takes a mask for the task of filling it, and says that the rest comes back exactly', async () => {
    const api = await manyTasks();
    const { response, job } = await editThrough(api, pngHeader(64, 64), {}, { mask: await maskPng(64, 64) });
    const { request } = job.generation;
    expect(request).toMatchObject({ task: 'mask', editBox: { x: 0, y: 0, width: 0.5, height: 1 } });
    const [reference] = request.references;
    expect(reference).toMatchObject({
      role: 'mask',
      preparation: { kind: 'hole', mask: { contentType: 'image/png' } },
    });
    expect(response).toMatchObject({ task: 'mask', outside_mask: 'exact' });
  });

  it('fills a box where no mask came, in the part of the picture that is drawn', async () => {
    const fields = { task: 'mask', edit_box: '0.5,0,0.25,1', output_format: 'webp' };
    const { response, job } = await editThrough(await manyTasks(), pngHeader(256, 128), fields);
    const box = { x: 0.5, y: 0, width: 0.5, height: 1 };
    expect(job.generation.request.references).toMatchObject([{ preparation: { kind: 'hole', box } }]);
    expect(response).toMatchObject({ outside_mask: 'lossy' });
  });

  it('reads a mask as the place where another task is named', async () => {
    const files = { mask: await maskPng(64, 64, 0.25) };
    const { response, job } = await editThrough(await manyTasks(), pngHeader(64, 64), { task: 'recolour' }, files);
    expect(job.generation.request).toMatchObject({ task: 'recolour', editBox: { x: 0, width: 0.25 } });
    expect(job.generation.request.references[0]?.preparation).toBeUndefined();
    expect(response.outside_mask).toBeUndefined();
  });

  it('gives each picture the role of its place, or the one that was named', async () => {
    const rolesOf = async (fields: Record<string, string>, pictures: number) => {
      const more = Object.fromEntries(
        Array.from({ length: pictures - 1 }, (_, index) => [`image[]#${index}`, pngHeader(64, 64)]),
      );
      const { job, response } = await editThrough(await manyTasks(), pngHeader(64, 64), fields, more);
      expect(response.usage.input_tokens_details.image_tokens).toBe(pictures * 16);
      return job.generation.request.references.map(({ role }) => role);
    };
    expect(await rolesOf({ task: 'style' }, 2)).toEqual(['scene', 'style']);
    expect(await rolesOf({ task: 'compose' }, 2)).toEqual(['subject', 'subject']);
    const roles = 'subject, subject, background';
    expect(await rolesOf({ task: 'compose', roles }, 3)).toEqual(['subject', 'subject', 'background']);
  });

  it('makes outlines of an ordinary picture where that is asked for', async () => {
    const fields = { task: 'edges', control_from: 'picture' };
    const { job } = await editThrough(await manyTasks(), pngHeader(64, 64), fields);
    expect(job.generation.request.references).toMatchObject([{ role: 'edges', preparation: { kind: 'edges' } }]);
  });

  it('lets the sentence choose the task where it can be read', async () => {
    const engine = buildEngine({ manifest: editingManifest(TASKS, 4) });
    const api = await startApi({ describe: () => engine, taskOf: () => 'style' });
    expect((await editThrough(api, pngHeader(64, 64))).response.task).toBe('style');
    const silent = await startApi({ describe: () => engine, taskOf: () => null });
    const two = { 'image[]': pngHeader(64, 64) };
    expect((await editThrough(silent, pngHeader(64, 64), {}, two)).response.task).toBe('compose');
  });

  it('takes JSON that names a picture drawn here, and answers at once with the job where that is asked for', async () => {
    const api = await editor();
    const { link, sha256 } = await storedPicture(api);
    const bytes = await maskPng(64, 64);
    api.blobs.get = async () => bytes;
    const body = { prompt: 'make the apple red', images: [link], async: true };
    const answer = await api.call('POST', '/v1/images/edits', { body });
    expect(answer.status, JSON.stringify(answer.json)).toBe(202);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(answer.json).toMatchObject({ task: 'recolour', references: [{ role: 'scene' }] });
    const data = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
    const job = await api.call('POST', '/v1/jobs', { body: { prompt: 'make the apple red', images: [data] } });
    expect([job.status, (job.json as Job).task]).toEqual([202, 'recolour']);
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
    }, PATIENTLY);
    await drawJob(api, id);
    await first;
    expect((await send(pngHeader(64, 64))).headers.get('idempotency-replayed')).toBe('true');
    expect((await send(pngHeader(128, 128))).status).toBe(422);
  });
});
