import { FakeClock } from '@atelier/testing';
import { describe, expect, it, vi } from 'vitest';
import { withKeepAlive } from './keep-alive.js';

describe('withKeepAlive', () => {
  it('says every ten seconds that it lives, and loses nothing of what comes in between', async () => {
    const clock = new FakeClock();
    const gate = Promise.withResolvers<void>();
    const items = withKeepAlive(
      (async function* () {
        yield 'first';
        await gate.promise;
        yield 'second';
      })(),
      clock,
      10_000,
    );
    expect((await items.next()).value).toBe('first');
    const silent = items.next();
    await vi.waitFor(() => expect(clock.sleeping).toBe(1));
    await clock.advance(10_000);
    expect((await silent).value).toBeNull();
    gate.resolve();
    expect((await items.next()).value).toBe('second');
    expect((await items.next()).done).toBe(true);
  });
});
