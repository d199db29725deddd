// Global set-up of the vitest project `stack`: starts each server once, tells the specs where it listens
// (`inject('kafka')`), stops all at the end. A server that does not start fails the run: nothing is skipped.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startKafka } from './kafka.mjs';
import { startPostgres } from './postgres.mjs';
import { startRedis } from './redis.mjs';
import { startS3 } from './s3.mjs';

/**
 * Servers by the name under which specs ask for them: `start(dataDir)` resolves to the server, whose `provide` is
 * what they get and whose `stop` ends it.
 */
const SERVERS = {
  kafka: async (dataDir) => {
    const broker = await startKafka({ dataDir });
    return { provide: { brokers: broker.brokers }, stop: () => broker.stop() };
  },
  postgres: async (dataDir) => {
    const server = await startPostgres({ dataDir });
    return { provide: { url: server.url }, stop: () => server.stop() };
  },
  redis: async (dataDir) => {
    const server = await startRedis({ dataDir });
    return { provide: { url: server.url }, stop: () => server.stop() };
  },
  s3: async (dataDir) => {
    const server = await startS3({ dataDir });
    const { endpoint, region, accessKeyId, secretAccessKey } = server;
    return { provide: { endpoint, region, accessKeyId, secretAccessKey }, stop: () => server.stop() };
  },
};

export default async function startStack(project) {
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-stack-'));
  // PostgreSQL runs under another account where we are root.
  chmodSync(folder, 0o755);
  const started = await Promise.allSettled(
    Object.entries(SERVERS).map(async ([name, start]) => {
      const server = await start(path.join(folder, name));
      project.provide(name, server.provide);
      return server;
    }),
  );
  const stopAll = async () => {
    await Promise.all(started.map(({ value }) => value?.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  const failure = started.find(({ status }) => status === 'rejected');
  if (!failure) return stopAll;
  await stopAll();
  throw failure.reason;
}
