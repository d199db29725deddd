import 'reflect-metadata';
import { MemoryBus } from '@atelier/bus-memory';
import { parseMessage, toMessage } from '@atelier/contracts';
import type { TopicHandler } from '@atelier/ports';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { canceled, GENERATION_ID, handlerOf, outgoing, silent } from '../middleware/middleware.fixtures.js';
import { systemClock } from '../system/system-clock.js';
import { currentTrace } from '../tracing/trace-context.js';
import { BusTransport, type BusTransportOptions } from './bus-transport.js';

@Module({})
class EmptyModule {}

describe('BusTransport', () => {
  let bus: MemoryBus;
  let app: INestMicroservice | undefined;
  beforeEach(() => {
    bus = new MemoryBus({ clock: systemClock, redelivery: { initialMs: 1, maxMs: 2 } });
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await bus.close(0);
  });

  const start = async (handlers: TopicHandler[], options: Partial<BusTransportOptions> = {}, module = EmptyModule) => {
    const strategy = new BusTransport({
      bus,
      handlers,
      owned: handlers.map(({ topic }) => topic),
      clock: systemClock,
      logger: silent,
      source: '/test',
      ...options,
    });
    const built = await Test.createTestingModule({ imports: [module] }).compile();
    app = built.createNestMicroservice({ strategy, logger: false });
    await app.listen();
    return strategy;
  };

  it('hands parsed values to the handlers of a Nest microservice, within the trace of the message', async () => {
    const seen: unknown[] = [];
    await start([handlerOf('generation.canceled.v1', async (value) => void seen.push(value, currentTrace()?.traceId))]);
    await bus.publish([outgoing('1', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')]);
    await vi.waitFor(() => expect(seen).toEqual([canceled(), '4bf92f3577b34da6a3ce929d0e0e4736']));
  });

  it('binds an announced handler later and on some partitions only, and no other one', async () => {
    const seen: string[] = [];
    const late = handlerOf('generation.finished.v1', async () => void seen.push('handled'), 'slot');
    const transport = await start([], { owned: ['generation.finished.v1'], boundLate: ['generation.finished.v1'] });
    await expect(transport.bindLate(handlerOf('generation.canceled.v1'))).rejects.toThrow('not announced');
    const subscription = await transport.bindLate(late, { partitions: [3] });
    const value = { schemaVersion: 1 as const, tenantId: 'ten_default', generationId: GENERATION_ID };
    const finished = { ...value, state: 'succeeded' as const, samplesSucceeded: 1, samplesFailed: 0, finishedAt: 1 };
    const toPartition = (partition: number) =>
      toMessage('generation.finished.v1', GENERATION_ID, finished, {
        id: `${partition}`,
        source: '/test',
        time: 0,
        partition,
      });
    await bus.publish([toPartition(2), toPartition(3)]);
    await vi.waitFor(() => expect(seen).toEqual(['handled']));
    await subscription.close();
  });

  it('repeats a failing message, gives it up as a dead letter, and goes on with the next', async () => {
    const handled: string[] = [];
    const letters: string[] = [];
    await start(
      [
        handlerOf('generation.finished.v1', async () => {
          throw new Error('broken');
        }),
        handlerOf('generation.canceled.v1', async ({ reason }) => void handled.push(reason)),
        handlerOf('dead-letter.v1', async ({ cause, attempts, origin }) => {
          letters.push(`${cause} after ${attempts} from ${origin.topic}`);
        }),
      ],
      { maxAttempts: 3 },
    );
    const finished = { ...canceled(), state: 'failed', samplesSucceeded: 0, samplesFailed: 1, finishedAt: 1 };
    await bus.publish([
      { topic: 'generation.finished.v1', key: GENERATION_ID, value: JSON.stringify(finished), headers: {} },
      { topic: 'generation.canceled.v1', key: GENERATION_ID, value: '{', headers: {} },
      outgoing('2'),
    ]);
    await vi.waitFor(() => expect(letters).toHaveLength(2));
    expect(letters.sort()).toEqual([
      'handler-failed after 3 from generation.finished.v1',
      'unparseable after 1 from generation.canceled.v1',
    ]);
    expect(handled).toEqual(['by the user']);
  });

  it('handles a message once that is published three times', async () => {
    let handled = 0;
    await start([
      handlerOf('generation.finished.v1', async () => {
        handled += 1;
      }),
    ]);
    const finished = { ...canceled(), state: 'failed', samplesSucceeded: 0, samplesFailed: 1, finishedAt: 1 };
    const message = { ...outgoing('same'), topic: 'generation.finished.v1', value: JSON.stringify(finished) };
    await bus.publish([message, message, message]);
    const last = { ...outgoing('last'), topic: 'generation.finished.v1', value: JSON.stringify(finished) };
    await bus.publish([last]);
    await vi.waitFor(() => expect(handled).toBe(2));
  });

  it('refuses to be made when a topic has no handler', () => {
    const options = { bus, handlers: [], clock: systemClock, logger: silent, source: '/test' };
    expect(() => new BusTransport({ ...options, owned: ['decoding.requested.v1'] })).toThrow(
      'owns the topic decoding.requested.v1 but has no handler',
    );
  });

  it('fails the start when a handler is registered by decorator', async () => {
    @Controller()
    class DecoratedController {
      @EventPattern<string>('generation.canceled.v1')
      handle(): void {}
    }
    @Module({ controllers: [DecoratedController] })
    class DecoratedModule {}
    await expect(start([], {}, DecoratedModule)).rejects.toThrow('not by decorator: generation.canceled.v1');
  });

  it('fails the start when the bus does', async () => {
    await bus.close(0);
    await expect(start([handlerOf('generation.canceled.v1')])).rejects.toThrow('the message bus is closed');
  });

  it('lets running handlers finish when the application closes', async () => {
    const started = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let finished = false;
    await start([
      handlerOf('generation.canceled.v1', async () => {
        started.resolve();
        await release.promise;
        finished = true;
      }),
    ]);
    await bus.publish([outgoing('1')]);
    await started.promise;
    const closing = app?.close();
    release.resolve();
    await closing;
    expect(finished).toBe(true);
  });

  it('takes nothing new while paused', async () => {
    const handled: string[] = [];
    const strategy = await start([handlerOf('generation.finished.v1', async ({ state }) => void handled.push(state))]);
    const witness: string[] = [];
    await bus.subscribe({ topic: 'generation.finished.v1', group: 'witness', delivery: 'queue' }, async ({ value }) => {
      witness.push(parseMessage('generation.finished.v1', value).state);
    });
    strategy.pause();
    const finished = { ...canceled(), state: 'failed', samplesSucceeded: 0, samplesFailed: 1, finishedAt: 1 };
    await bus.publish([
      { ...outgoing('1'), topic: 'generation.finished.v1', value: JSON.stringify(finished), partition: 0 },
    ]);
    await vi.waitFor(() => expect(witness).toEqual(['failed']));
    expect(handled).toEqual([]);
    strategy.resume();
    await vi.waitFor(() => expect(handled).toEqual(['failed']));
  });
});
