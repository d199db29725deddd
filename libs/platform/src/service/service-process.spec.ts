import { describe, expect, it, onTestFinished } from 'vitest';
import { silent } from '../middleware/middleware.fixtures.js';
import { type ServiceContext, type ServiceOptions, startService } from './service-process.js';

async function start(options: Partial<ServiceOptions> = {}) {
  const service = await startService({
    name: 'probe',
    environment: { ATELIER_INSTANCE: 'p1', ATELIER_DRAIN_MS: '7' },
    logger: silent,
    start: async () => ({ stop: async () => undefined }),
    ...options,
  });
  onTestFinished(() => service.stop().catch(() => undefined));
  return { service, get: (path: string) => fetch(`${service.opsUrl}${path}`) };
}

describe('a service', () => {
  it('answers that it is alive, whether it is ready and why not, and its metrics', async () => {
    const telemetry = { metrics: async () => 'up 1\n', close: async () => undefined };
    let context: ServiceContext | undefined;
    const { get } = await start({
      telemetry: async () => telemetry as never,
      start: async (given) => {
        context = given;
        return { stop: async () => undefined };
      },
    });
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    const engine = context?.readiness.gate('engine', 'cold: graphs are being loaded');
    const cold = await get('/readyz');
    expect(cold.status).toBe(503);
    expect(await cold.json()).toMatchObject({
      ready: false,
      checks: { start: { ready: true }, engine: { ready: false, reason: 'cold: graphs are being loaded' } },
    });
    engine?.open();
    expect((await get('/readyz')).status).toBe(200);
    expect(await (await get('/metrics')).text()).toBe('up 1\n');
    expect((await get('/other')).status).toBe(404);
  });

  it('drains first and only then closes what it works with; not ready from the first moment of the drain', async () => {
    const order: string[] = [];
    const { service, get } = await start({
      start: async ({ closers }) => {
        closers.add(async () => order.push('bus closed'));
        return {
          stop: async (drainMs) => {
            order.push(`drained within ${drainMs} ms, ready: ${(await get('/readyz')).status === 200}`);
          },
        };
      },
    });
    await service.stop();
    expect(order).toEqual(['drained within 7 ms, ready: false', 'bus closed']);
    await expect(get('/healthz')).rejects.toThrow();
  });

  it('closes what it had opened when it cannot start', async () => {
    const closed: string[] = [];
    const failing = start({
      start: async ({ closers }) => {
        closers.add(async () => closed.push('store'));
        throw new Error('no broker');
      },
    });
    await expect(failing).rejects.toThrow('no broker');
    expect(closed).toEqual(['store']);
  });
});
