import type { ImageResponse, Job } from '@atelier/contracts';
import { describe, expect, it, vi } from 'vitest';
import { type ApiHarness, errorOf, startApi } from '../../harness/api-harness.js';
import { drawJob } from '../../harness/drawn-job.js';

/** A busy machine takes its time to accept a job. */
const PATIENTLY = { timeout: 15_000 };

async function drawn(api: ApiHarness, body: Record<string, unknown>): Promise<ImageResponse> {
  const answering = api.call('POST', '/v1/images/generations', { body });
  const id = await vi.waitFor(async () => {
    const { generations } = await api.store.list('ten_default', { limit: 1 });
    if (!generations[0]) throw new Error('no job yet');
    return generations[0].generation.id;
  }, PATIENTLY);
  await drawJob(api, id);
  const answer = await answering;
  expect(answer.status, JSON.stringify(answer.json)).toBe(200);
  return answer.json as ImageResponse;
}

describe('a storyboard', () => {
  it('has the pictures of the story in their order, each with its place, sample by sample', async () => {
    const api = await startApi();
    const body = { task: 'storyboard', prompt: 'a dog; the dog meets a cat; night falls', n: 2 };
    const { data, task, usage } = await drawn(api, body);
    expect(task).toBe('storyboard');
    expect(data.map(({ sample, output }) => [sample, output])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
    expect(usage.output_tokens).toBe(6 * 16);
    const { generations } = await api.store.list('ten_default', { limit: 1 });
    expect(generations[0]?.generation.request).toMatchObject({
      prompts: ['a dog', 'the dog meets a cat', 'night falls'],
      outputs: 3,
    });
  });

  it('is what several outputs or frames ask for, and a job tells the whole story', async () => {
    const api = await startApi();
    const job: Job = await api.createJob({ prompt: 'a dog', frames: ['a dog', 'night falls'] });
    expect(job).toMatchObject({ task: 'storyboard', prompt: 'a dog; night falls', request: { outputs: 2 } });
    expect(await api.createJob({ prompt: 'a dog', outputs: 2 })).toMatchObject({ task: 'storyboard' });
    expect(await api.createJob({ prompt: 'a dog; a cat' })).toMatchObject({ task: 'text-to-image' });
  });

  it.each([
    [{ task: 'storyboard', prompt: 'a dog' }, 'Divide the prompt'],
    [{ task: 'storyboard', prompt: 'a; b; c; d; e' }, '2 to 4 pictures jointly, not 5'],
    [{ task: 'storyboard', prompt: 'a; b', outputs: 3 }, 'tells 2 pictures'],
    [{ task: 'text-to-image', prompt: 'a dog', outputs: 2 }, '"n" draws several'],
  ])('cannot be %j', async (body, sentence) => {
    const api = await startApi();
    const error = errorOf(await api.call('POST', '/v1/images/generations', { body }));
    expect(error).toMatchObject({ code: 'invalid_parameter', param: 'outputs' });
    expect(error.message).toContain(sentence);
  });
});
