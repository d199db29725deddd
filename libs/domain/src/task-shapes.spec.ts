import { describe, expect, it } from 'vitest';
import { outputProblem, referenceProblem, taskLimits, taskShape, usualRoles } from './index.js';

const LIMITS = { maxReferences: 4, maxOutputs: 3 };

describe('what a task reads and draws', () => {
  it.each([
    ['recolour', ['scene']],
    ['style', ['scene']],
    ['style', ['scene', 'style']],
    ['identity', ['subject']],
    ['compose', ['subject', 'subject']],
    ['compose', ['subject', 'subject', 'background']],
    ['compose', ['subject', 'subject', 'subject', 'background']],
    ['edges', ['edges']],
    ['mask', ['mask']],
    ['text-to-image', []],
    ['storyboard', []],
  ])('%s takes pictures as %j', (task, roles) => {
    expect(referenceProblem(task, roles, LIMITS)).toBeNull();
  });

  it.each([
    ['recolour', [], 'one picture; none was given'],
    ['recolour', ['scene', 'scene'], 'one picture; 2 were given'],
    ['compose', ['subject'], '2 to 4 pictures'],
    ['compose', ['background', 'subject'], 'Picture 1 of the task "compose" must be "subject", not "background"'],
    ['compose', ['subject', 'subject', 'subject', 'subject'], 'Picture 4'],
    ['storyboard', ['scene'], 'no pictures'],
    ['edges', ['depth'], 'must be "edges"'],
  ])('%s refuses pictures as %j', (task, roles, sentence) => {
    expect(referenceProblem(task, roles, LIMITS)).toContain(sentence);
  });

  it('knows the usual role of each picture', () => {
    expect(usualRoles('style', 2)).toEqual(['scene', 'style']);
    expect(usualRoles('compose', 4)).toEqual(['subject', 'subject', 'subject', 'background']);
    expect(usualRoles('depth', 1)).toEqual(['depth']);
    expect(referenceProblem('compose', usualRoles('compose', 3), LIMITS)).toBeNull();
  });

  it('draws several pictures jointly for a storyboard only, within the limits of the weights', () => {
    expect(outputProblem('storyboard', 3, LIMITS)).toBeNull();
    expect(outputProblem('storyboard', 4, LIMITS)).toContain('2 to 3 pictures jointly');
    expect(outputProblem('storyboard', 1, LIMITS)).toContain('not 1');
    expect(outputProblem('recolour', 2, LIMITS)).toContain('"n"');
  });

  it('is cut to what the weights take, and unknown for a task of another version', () => {
    expect(taskLimits('compose', { ...LIMITS, maxReferences: 2 })).toMatchObject({
      references: { min: 2, max: 2 },
      roles: ['subject'],
    });
    expect(taskShape('hologram')).toBeNull();
    expect(referenceProblem('hologram', ['scene'], LIMITS)).toBeNull();
  });
});
