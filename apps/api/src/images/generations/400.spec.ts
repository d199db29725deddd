import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';

const CASES: readonly [name: string, body: Record<string, unknown>, code: string, param: string | null][] = [
  ['no prompt', { n: 1 }, 'missing_parameter', 'prompt'],
  ['an empty prompt', { prompt: '' }, 'prompt_empty', 'prompt'],
  ['a prompt of spaces', { prompt: ' \n\t ' }, 'prompt_empty', 'prompt'],
  ['a prompt of 10,001 characters', { prompt: 'x'.repeat(10_001) }, 'prompt_too_long', 'prompt'],
  ['a prompt that is a number', { prompt: 7 }, 'invalid_parameter', 'prompt'],
  ['n of eleven', { prompt: 'dog', n: 11 }, 'invalid_parameter', 'n'],
  ['a seed of 2^32', { prompt: 'dog', seed: 2 ** 32 }, 'invalid_parameter', 'seed'],
  ['a size without a height', { prompt: 'dog', size: '64x' }, 'invalid_parameter', 'size'],
  ['a stream', { prompt: 'dog', stream: true }, 'unsupported_feature', 'stream'],
  ['more steps than the weights allow', { prompt: 'dog', steps: 17 }, 'invalid_parameter', 'steps'],
  ['a task without training', { prompt: 'dog', task: 'inpaint' }, 'unsupported_task', 'task'],
  ['a transparent background', { prompt: 'dog', background: 'transparent' }, 'unsupported_feature', 'background'],
  ['a precision that nobody runs', { prompt: 'dog', precision: 'w4a8' }, 'unsupported_feature', 'precision'],
  ['an unknown field, strictly', { prompt: 'dog', sampler: 'euler', strict: true }, 'unknown_parameter', 'sampler'],
  ['another size, strictly', { prompt: 'dog', size: '1024x1024', strict: true }, 'unsupported_size', 'size'],
  [
    'a field without effect, strictly',
    { prompt: 'dog', quality: 'hd', strict: true },
    'unsupported_feature',
    'quality',
  ],
];

describe('POST /v1/images/generations -> 400', () => {
  it.each(CASES)('refuses %s', async (_name, body, code, param) => {
    const api = await startApi();
    const answer = await api.call('POST', '/v1/images/generations', { body });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code, param, type: 'invalid_request_error', retryable: false });
    expect((await api.store.list('ten_default', { limit: 1 })).generations).toEqual([]);
  });
});
