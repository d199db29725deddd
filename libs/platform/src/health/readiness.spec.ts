import { FakeClock } from '@atelier/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { Readiness } from './readiness.js';

describe('Readiness', () => {
  let clock: FakeClock;
  let readiness: Readiness;
  beforeEach(() => {
    clock = new FakeClock();
    readiness = new Readiness({ clock, timeoutMs: 500 });
  });

  it('is ready when every check is', async () => {
    readiness.add('store', async () => undefined);
    readiness.add('weights', () => undefined);
    expect(await readiness.report()).toEqual({
      ready: true,
      checks: { store: { ready: true }, weights: { ready: true } },
    });
  });

  it('names the check that is not, with its reason', async () => {
    readiness.add('store', () => Promise.reject(new Error('the database is locked')));
    readiness.add('weights', () => undefined);
    expect(await readiness.report()).toEqual({
      ready: false,
      checks: { store: { ready: false, reason: 'the database is locked' }, weights: { ready: true } },
    });
  });

  it('does not wait for a check that hangs', async () => {
    readiness.add('store', () => new Promise(() => undefined));
    const report = readiness.report();
    await clock.advance(500);
    expect((await report).checks.store).toEqual({ ready: false, reason: 'no answer in 500 ms' });
  });

  it('holds a gate closed until it is opened', async () => {
    const gate = readiness.gate('first-picture', 'the first picture is being drawn');
    expect((await readiness.report()).checks['first-picture']?.reason).toBe('the first picture is being drawn');
    gate.hold('the first picture failed');
    expect((await readiness.report()).checks['first-picture']?.reason).toBe('the first picture failed');
    gate.open();
    expect((await readiness.report()).ready).toBe(true);
  });

  it('refuses a second check of one name', () => {
    readiness.add('store', () => undefined);
    expect(() => readiness.add('store', () => undefined)).toThrow('named store already');
  });
});
