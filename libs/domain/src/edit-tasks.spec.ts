import { describe, expect, it } from 'vitest';
import { trainedEditTasks } from './index.js';

describe('trained edit tasks', () => {
  const task = (name: string, trained: boolean, id = 0) => ({ name, id, trained });
  const tasks = [task('text-to-image', true), task('recolour', true), task('remove', false), task('storyboard', true)];
  const limits = { maxTextTokens: 1, maxReferences: 1, maxOutputs: 1, maxSteps: 1 };

  it('are those that were trained and read a picture', () => {
    expect(trainedEditTasks({ tasks, limits })).toEqual(['recolour']);
  });

  it('are none where the weights take no pictures', () => {
    expect(trainedEditTasks({ tasks, limits: { ...limits, maxReferences: 0 } })).toEqual([]);
  });
});
