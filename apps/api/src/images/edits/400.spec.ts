import { buildEngine } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../../harness/api-harness.js';
import { editForm, editingManifest, maskPng, pngHeader } from '../../harness/uploads.js';

describe('POST /v1/images/edits -> 400', () => {
  it('says that the weights were not trained for edits, and what they know', async () => {
    const api = await startApi();
    const answer = await api.call('POST', '/v1/images/edits', { body: editForm({ image: pngHeader(64, 64) }) });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: 'unsupported_task', param: 'image' });
    expect(errorOf(answer).message).toContain('text-to-image');
  });

  const edit = async (fields: Record<string, string>, files = {}, manifest = editingManifest()) => {
    const api = await startApi({ describe: () => buildEngine({ manifest }) });
    const body = editForm({ image: pngHeader(64, 64), ...files }, 'make the apple red', fields);
    return errorOf(await api.call('POST', '/v1/images/edits', { body }));
  };

  it('names the trained edits for a task that is none of them', async () => {
    const error = await edit({ task: 'remove' });
    expect(error).toMatchObject({ code: 'unsupported_task', param: 'task' });
    expect(error.message).toContain('recolour');
    expect(await edit({ task: 'text-to-image' })).toMatchObject({ code: 'unsupported_task' });
  });

  it('wants the task named where the weights know several', async () => {
    const error = await edit({}, {}, editingManifest(['recolour', 'remove']));
    expect(error).toMatchObject({ code: 'missing_parameter', param: 'task' });
    expect(error.message).toContain('recolour, remove');
  });

  it('says that masks were not trained, and that a second picture is one too many', async () => {
    const mask = await maskPng(64, 64);
    expect(await edit({}, { mask })).toMatchObject({ code: 'unsupported_feature', param: 'mask' });
    const api = await startApi({ describe: () => buildEngine({ manifest: editingManifest() }) });
    const body = editForm({ 'image[]#1': pngHeader(64, 64), 'image[]#2': pngHeader(64, 64) });
    const error = errorOf(await api.call('POST', '/v1/images/edits', { body }));
    expect(error).toMatchObject({ code: 'invalid_parameter', param: 'image' });
    expect(error.message).toContain('takes one picture; 2 were given');
  });

  const ALL = editingManifest(['recolour', 'style', 'compose', 'edges', 'depth', 'mask'], 4);

  it.each([
    ['of another size', () => maskPng(32, 64), 'invalid_parameter', '32x64'],
    ['that is opaque', () => maskPng(64, 64, null), 'invalid_parameter', 'no transparent part'],
    ['that is no PNG', async () => new TextEncoder().encode('mask'), 'invalid_image', ''],
    ['that only begins as a PNG', async () => pngHeader(64, 64), 'invalid_image', 'could not be read'],
  ])('refuses a mask %s', async (_name, make, code, sentence) => {
    const error = await edit({}, { mask: await make() }, ALL);
    expect(error).toMatchObject({ code, param: 'mask' });
    expect(error.message).toContain(sentence);
  });

  it('wants to know where the task "mask" may draw', async () => {
    expect(await edit({ task: 'mask' }, {}, ALL)).toMatchObject({ code: 'missing_parameter', param: 'mask' });
  });

  it.each([
    [{ task: 'compose' }, 'image', '2 to 4 pictures'],
    [{ task: 'recolour', roles: 'style' }, 'image', 'must be "scene", not "style"'],
    [{ task: 'recolour', roles: 'scene,style' }, 'roles', 'names 2 pictures, and 1 were sent'],
    [{ task: 'depth', control_from: 'picture' }, 'control_from', 'edges and sketch'],
  ])('refuses %j', async (fields, param, sentence) => {
    const error = await edit(fields as Record<string, string>, {}, ALL);
    expect(error.param).toBe(param);
    expect(error.message).toContain(sentence);
  });

  it('refuses a JSON picture that is neither data nor a link of ours, and a link that nobody signed', async () => {
    const api = await startApi({ describe: () => buildEngine({ manifest: ALL }) });
    const send = async (image: string) =>
      errorOf(await api.call('POST', '/v1/images/edits', { body: { prompt: 'make it red', images: [image] } }));
    expect(await send('https://example.com/dog.png')).toMatchObject({ code: 'invalid_image', param: 'image' });
    const link = '/v1/images/content/ten_other/secret.png?expires=9999999999&signature=AAAA';
    expect(await send(link)).toMatchObject({ code: 'link_expired', param: 'image' });
  });

  it.each([
    ['n', 'many'],
    ['size', 'big'],
    ['seed', '-1'],
    ['steps', '1.5'],
    ['edit_box', '0,0,1'],
    ['edit_box', '0.5,0.5,0,2'],
    ['strict', 'yes'],
    ['expand_prompt', '12'],
  ])('refuses %s = %s', async (field, value) => {
    expect(await edit({ [field]: value })).toMatchObject({ code: 'invalid_parameter', param: field });
  });

  it('says that a task for pictures wants one, where it is sent without', async () => {
    const api = await startApi({ describe: () => buildEngine({ manifest: editingManifest() }) });
    const answer = await api.call('POST', '/v1/jobs', { body: { prompt: 'make the apple red', task: 'recolour' } });
    expect(errorOf(answer)).toMatchObject({ code: 'missing_parameter', param: 'image' });
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
