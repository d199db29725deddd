import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';
import { editForm, pngHeader } from '../../harness/uploads.js';

describe('POST /v1/images/edits -> 400', () => {
  it('says that the weights were not trained for edits, and what they know', async () => {
    const api = await startApi();
    const answer = await api.call('POST', '/v1/images/edits', { body: editForm({ image: pngHeader(64, 64) }) });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: 'unsupported_task', param: 'image' });
    expect(errorOf(answer).message).toContain('t2i');
  });

  it.each([
    ['text', new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['a PNG that was cut', pngHeader(64, 64).slice(0, 30)],
    ['a GIF', new TextEncoder().encode(`GIF89a${'\0'.repeat(40)}`)],
    ['a PNG of no width', pngHeader(0, 64)],
    ['nothing', new Uint8Array(0)],
  ])('refuses %s as a picture, whatever its name says', async (_name, bytes) => {
    const api = await startApi();
    const answer = await api.call('POST', '/v1/images/edits', { body: editForm({ image: bytes }) });
    expect(errorOf(answer)).toMatchObject({ code: 'invalid_image', param: 'image' });
  });

  it('wants a picture, a prompt, and not more than 16 pictures', async () => {
    const api = await startApi();
    const answers = await Promise.all(
      [
        editForm({}),
        editForm({ image: pngHeader(64, 64) }, null),
        editForm({ image: pngHeader(64, 64) }, '  '),
        editForm(Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`image[]#${index}`, pngHeader(8, 8)]))),
      ].map((body) => api.call('POST', '/v1/images/edits', { body })),
    );
    expect(answers.map((answer) => errorOf(answer).code)).toEqual([
      'missing_parameter',
      'missing_parameter',
      'prompt_empty',
      'invalid_parameter',
    ]);
  });

  it('refuses a form that is none', async () => {
    const api = await startApi();
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const answer = await api.call('POST', '/v1/images/edits', { body: '--y\r\nnonsense', headers });
    expect(errorOf(answer).code).toBe('invalid_parameter');
  });
});
