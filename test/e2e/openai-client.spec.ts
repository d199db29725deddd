import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPlatform, findWeights, startEmbedded } from '@atelier/embedded';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Real: the official client, the whole platform, the tiny weights. Changed against OpenAI: the address and the key. */
describe('the official openai client', () => {
  let folder: string;
  let platform: EmbeddedPlatform;
  let openai: OpenAI;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atelier-openai-'));
    platform = await startEmbedded({ dataDir: folder, weightsDir: await findWeights('tiny') });
    await platform.ready;
    openai = new OpenAI({ baseURL: `${platform.url}/v1`, apiKey: 'any' });
  });
  afterAll(async () => {
    await platform?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('draws with the request that it would send to OpenAI', async () => {
    const answer = await openai.images.generate({
      model: 'gpt-image-1',
      prompt: 'a red apple',
      n: 2,
      size: '1024x1024',
      quality: 'high',
      response_format: 'b64_json',
      user: 'someone',
    });
    expect(answer.data).toHaveLength(2);
    for (const { b64_json } of answer.data ?? []) {
      expect(Buffer.from(b64_json as string, 'base64').subarray(0, 8)).toEqual(PNG_SIGNATURE);
    }
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
    expect(answer._request_id).toMatch(/^req_/);
  });

  it('passes our own fields through: the same seed gives the same bytes', async () => {
    const request = { prompt: 'a red apple', response_format: 'b64_json', seed: 7 } as const;
    const [first, second] = [await openai.images.generate(request), await openai.images.generate(request)];
    expect(first.data?.[0]?.b64_json).toBe(second.data?.[0]?.b64_json);
  });

  it('gives links that open', async () => {
    const { data } = await openai.images.generate({ prompt: 'a red apple' });
    const picture = await fetch(data?.[0]?.url as string);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await picture.arrayBuffer()).subarray(0, 8)).toEqual(PNG_SIGNATURE);
  });

  it('throws its own typed errors with our code, parameter and request id', async () => {
    const failure = await openai.images.generate({ prompt: '' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OpenAI.BadRequestError);
    expect(failure).toMatchObject({
      status: 400,
      code: 'prompt_empty',
      param: 'prompt',
      type: 'invalid_request_error',
    });
    expect((failure as { requestID: string }).requestID).toMatch(/^req_/);
    await expect(openai.images.generate({ prompt: 'dog', model: 'nothing' })).rejects.toBeInstanceOf(
      OpenAI.NotFoundError,
    );
  });

  it('draws once when it loses the connection and sends the request again', async () => {
    let lost = 0;
    const unreliable = new OpenAI({
      baseURL: `${platform.url}/v1`,
      apiKey: 'any',
      maxRetries: 2,
      // The first answer gets lost on its way back, after the job was accepted.
      fetch: async (url, init) => {
        const response = await fetch(url as string, init as RequestInit);
        if (lost++ === 0) {
          await response.arrayBuffer();
          throw new TypeError('fetch failed');
        }
        return response;
      },
    });
    const before = await platform.store.list('ten_default', { limit: 100 });
    const answer = await unreliable.images.generate({ prompt: 'a green apple', response_format: 'b64_json' });
    const after = await platform.store.list('ten_default', { limit: 100 });
    expect(answer.data).toHaveLength(1);
    expect(lost).toBe(2);
    expect(after.generations.length - before.generations.length).toBe(1);
  });

  it('edits a picture with the form that it would send to OpenAI', async () => {
    const drawn = await openai.images.generate({ prompt: 'a red apple', response_format: 'b64_json' });
    const image = await toFile(Buffer.from(drawn.data?.[0]?.b64_json as string, 'base64'), 'apple.png');
    const edit = { model: 'gpt-image-1', image, prompt: 'make the apple blue', size: '1024x1024' } as const;
    const answer = await openai.images.edit({ ...edit, response_format: 'b64_json' });
    const picture = Buffer.from(answer.data?.[0]?.b64_json as string, 'base64');
    expect(picture.subarray(0, 8)).toEqual(PNG_SIGNATURE);
    expect(answer.data?.[0]).toMatchObject({ revised_prompt: 'recolour. blue apple.' });
    await expect(openai.images.edit({ ...edit, image: [image] })).resolves.toMatchObject({ data: [{}] });
    const refused = await openai.images.edit({ ...edit, prompt: 'remove the apple' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
    expect(refused).toMatchObject({ code: 'edit_not_understood' });
  });

  it('lists the models', async () => {
    const ids = [];
    for await (const model of openai.models.list()) ids.push(model.id);
    expect(ids).toEqual(['tiny']);
  });
});
