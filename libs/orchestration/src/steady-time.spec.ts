import { FakeClock, MemoryGenerationStore } from '@atelier/testing';
import { describe, expect, it } from 'vitest';
import { Leadership } from './leadership.js';
import { SteadyTime } from './steady-time.js';

const HOUR_MS = 3_600_000;
const TTL_MS = 5_000;

/** Two replicas on two machines, the second with its clock off, beside a server that both ask for the time. */
async function replicas(skewMs: number, followsServer: boolean) {
  const right = new FakeClock();
  const wrong = new FakeClock(right.now() + skewMs);
  const store = new MemoryGenerationStore();
  const replica = async (clock: FakeClock, name: string) => {
    const steady = new SteadyTime(clock);
    if (followsServer) await steady.follow(async () => right.now());
    return new Leadership(store, clock, () => steady.now(), name, TTL_MS);
  };
  const pass = async (ms: number) => {
    await right.advance(ms);
    await wrong.advance(ms);
  };
  return { first: await replica(right, 'first'), second: await replica(wrong, 'second'), pass };
}

describe.each([HOUR_MS, -HOUR_MS])('a clock that is off by %i ms', (skewMs) => {
  it('neither takes leadership from another replica nor keeps it from taking over', async () => {
    const { first, second, pass } = await replicas(skewMs, true);
    await first.renew();
    await second.renew();
    expect([first.isLeader(), second.isLeader()]).toEqual([true, false]);
    await pass(TTL_MS + 1);
    await second.renew();
    await first.renew();
    expect([first.isLeader(), second.isLeader()]).toEqual([false, true]);
    await pass(TTL_MS + 1);
    await first.renew();
    expect(first.isLeader()).toBe(true);
  });
});

it('without a common time a clock that is fast takes the lease at once: what following the server prevents', async () => {
  const { first, second } = await replicas(HOUR_MS, false);
  await first.renew();
  await second.renew();
  expect(second.isLeader()).toBe(true);
});

it('an answer that was long under way does not move the time that quick answers told', async () => {
  const clock = new FakeClock();
  const steady = new SteadyTime(clock);
  const server = async () => clock.now();
  await steady.follow(server);
  const askSlowly = async () => {
    const told = await server();
    await clock.advance(4_000);
    return told;
  };
  await steady.follow(askSlowly);
  expect(steady.now()).toBe(clock.now());
});
