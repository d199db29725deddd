import { FakeClock } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import { Membership } from './membership.js';

describe('Membership', () => {
  it('lasts one session from the sending of the heartbeat that was answered', async () => {
    const clock = new FakeClock();
    const membership = new Membership(clock, 10_000);
    expect(membership.isValid).toBe(false);
    const sentAt = clock.now();
    await clock.advance(4_000);
    membership.noteRequest(sentAt);
    expect(membership.renew()).toBe(true);
    await clock.advance(5_999);
    expect(membership.isValid).toBe(true);
    await clock.advance(1);
    expect(membership.isValid).toBe(false);
  });

  it('is not renewed by an answer that waited until the session was over', async () => {
    const clock = new FakeClock();
    const membership = new Membership(clock, 10_000);
    const sentAt = clock.now();
    await clock.advance(30_000);
    membership.noteRequest(sentAt);
    expect(membership.renew()).toBe(false);
    expect(membership.isValid).toBe(false);
  });

  it('tells of a renewal only after a doubt', () => {
    const clock = new FakeClock();
    const membership = new Membership(clock, 10_000);
    membership.noteRequest(clock.now());
    expect([membership.renew(), membership.renew()]).toEqual([true, false]);
    membership.end();
    expect([membership.isValid, membership.renew()]).toEqual([false, true]);
  });
});
