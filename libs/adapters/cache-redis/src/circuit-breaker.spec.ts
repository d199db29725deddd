import { FakeClock } from '@atelier/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.js';

describe('circuit breaker', () => {
  let clock: FakeClock;
  let breaker: CircuitBreaker;
  beforeEach(() => {
    clock = new FakeClock();
    breaker = new CircuitBreaker({ clock, failuresToOpen: 3, firstPauseMs: 100, longestPauseMs: 300 });
  });
  const fail = (times: number) => {
    for (let n = 0; n < times; n += 1) breaker.failed();
  };

  it('opens after failures in a row, not after failures among successes', () => {
    fail(2);
    breaker.succeeded();
    fail(2);
    expect(breaker.state).toBe('closed');
    fail(1);
    expect(breaker.state).toBe('open');
    expect(breaker.tryEnter()).toBe(false);
  });

  it('lets one probe through when the pause is over, and closes when that goes well', async () => {
    fail(3);
    await clock.advance(100);
    expect(breaker.state).toBe('half-open');
    expect([breaker.tryEnter(), breaker.tryEnter()]).toEqual([true, false]);
    breaker.succeeded();
    expect([breaker.tryEnter(), breaker.tryEnter()]).toEqual([true, true]);
  });

  it('doubles the pause with every failed probe, up to the longest', async () => {
    fail(3);
    for (const pauseMs of [100, 200, 300, 300]) {
      await clock.advance(pauseMs - 1);
      expect(breaker.tryEnter()).toBe(false);
      await clock.advance(1);
      expect(breaker.tryEnter()).toBe(true);
      breaker.failed();
    }
    await clock.advance(300);
    breaker.tryEnter();
    breaker.succeeded();
    fail(3);
    await clock.advance(100);
    expect(breaker.tryEnter()).toBe(true);
  });

  it('does not lengthen the pause by calls that began before it opened', async () => {
    fail(3);
    await clock.advance(99);
    fail(5);
    await clock.advance(1);
    expect(breaker.tryEnter()).toBe(true);
  });
});
