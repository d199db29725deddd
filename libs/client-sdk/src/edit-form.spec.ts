import { describe, expect, it } from 'vitest';
import { createClient } from './client.js';

const picture = (text: string) => new Blob([text], { type: 'image/png' });

describe('editImages', () => {
  it('sends pictures and settings as one multipart form, without what was left out', async () => {
    const sent: FormData[] = [];
    const client = createClient({
      baseUrl: 'http://127.0.0.1:1',
      fetch: async (url, init) => {
        const request = new Request(url, init);
        sent.push(await request.formData());
        return Response.json({ job: 'gen_1' });
      },
    });
    await client.editImages({ prompt: 'make the apple blue', images: [picture('a')], seed: 7, task: 'recolour' });
    await client.editImages({ prompt: 'compose', images: [picture('a'), picture('b')] });
    const mask = picture('m');
    await client.createEditJob({ prompt: 'fill', images: [picture('a')], mask, roles: ['scene', 'style'] });
    const [one, two, masked] = sent as [FormData, FormData, FormData];
    expect(await (masked.get('mask') as Blob).text()).toBe('m');
    expect(masked.get('roles')).toBe('scene,style');
    expect([one.get('prompt'), one.get('seed'), one.get('task'), one.has('n')]).toEqual([
      'make the apple blue',
      '7',
      'recolour',
      false,
    ]);
    expect(await (one.get('image') as Blob).text()).toBe('a');
    expect(await Promise.all(two.getAll('image[]').map((image) => (image as Blob).text()))).toEqual(['a', 'b']);
  });
});
