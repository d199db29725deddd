import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { CommitHints } from './commit-hints.js';

describe('commit hints', () => {
  it('go on to the next listener when one throws, and the throw shows as a warning', async () => {
    const hints = new CommitHints();
    const heard: string[] = [];
    hints.onWork(() => {
      throw new Error('a listener failed');
    });
    hints.onWork(() => heard.push('second'));
    const warning = once(process, 'warning');
    hints.announce({ generationId: 'gen_1', work: true });
    expect(heard).toEqual(['second']);
    expect((await warning)[0]).toMatchObject({ message: 'a listener failed' });
  });

  it('count every subscription of one function for itself', () => {
    const hints = new CommitHints();
    let calls = 0;
    const listener = () => {
      calls += 1;
    };
    const stopFirst = hints.watch('gen_1', listener);
    hints.watch('gen_1', listener);
    stopFirst();
    hints.announce({ generationId: 'gen_1', work: false });
    expect(calls).toBe(1);
  });
});
