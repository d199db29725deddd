import { expect, it } from 'vitest';
import { Closers } from './closers.js';

it('closes in the opposite order, also behind a part that fails, and throws the first failure', async () => {
  const closers = new Closers();
  const closed: string[] = [];
  closers.add(async () => closed.push('first'));
  closers.add(async () => {
    throw new Error('stuck');
  });
  closers.add(async () => closed.push('last'));
  await expect(closers.closeAll()).rejects.toThrow('stuck');
  expect(closed).toEqual(['last', 'first']);
});

it('closes nothing twice', async () => {
  const closers = new Closers();
  let times = 0;
  closers.add(async () => {
    times += 1;
  });
  await Promise.all([closers.closeAll(), closers.closeAll()]);
  expect(times).toBe(1);
});
