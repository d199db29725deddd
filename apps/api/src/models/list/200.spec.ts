import type { ModelInfo, ModelList } from '@atelier/contracts';
import { buildEngine } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import { startApi } from '../../harness/api-harness.js';
import { editingManifest } from '../../harness/uploads.js';

describe('GET /v1/models -> 200', () => {
  it('says what may be asked for', async () => {
    const api = await startApi();
    const { json } = await api.call('GET', '/v1/models');
    expect(json).toMatchObject({
      object: 'list',
      data: [
        { id: 'spec-weights', sizes: ['64x64', '128x128'], default_size: '64x64', vocabulary: { colours: ['red'] } },
      ],
    });
  });

  it('says of every task whether it is trained, which pictures it reads and how many it draws', async () => {
    const manifest = editingManifest(['style', 'compose'], 3);
    const api = await startApi({ describe: () => buildEngine({ manifest }) });
    const { tasks } = ((await api.call('GET', '/v1/models')).json as ModelList).data[0] as ModelInfo;
    expect(tasks.map(({ name, references, roles, outputs }) => [name, references, roles, outputs])).toEqual([
      ['text-to-image', { min: 0, max: 0 }, [], { min: 1, max: 1 }],
      ['storyboard', { min: 0, max: 0 }, [], { min: 2, max: 4 }],
      ['inpaint', undefined, undefined, undefined],
      ['style', { min: 1, max: 2 }, ['scene', 'style'], { min: 1, max: 1 }],
      ['compose', { min: 2, max: 3 }, ['subject', 'background'], { min: 1, max: 1 }],
    ]);
  });
});
