// Global set-up of the vitest project `stack`: starts each server once, tells the specs where it listens
// (`inject('kafka')`), stops all at the end. A server that does not start fails the run: nothing is skipped.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startKafka } from './kafka.mjs';

/**
 * Servers by the name under which specs ask for them: `start(dataDir)` resolves to the server, whose `provide` is
 * what they get and whose `stop` ends it.
 */
const SERVERS = {
  kafka: async (dataDir) => {
    const broker = await startKafka({ dataDir });
    return { provide: { brokers: broker.brokers }, stop: () => broker.stop() };
  },
};

export default async function startStack(project) {
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-stack-'));
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
