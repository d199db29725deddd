// The platform as a process that can be killed at a named point: `node platform-child.ts <configuration as JSON>`.
import { createHash } from 'node:crypto';
import { type EmbeddedPlatform, startEmbedded } from '@atelier/embedded';
import { systemClock } from '@atelier/platform';
import type { CrashPoint } from '@atelier/ports';
import { writeJournal } from '../journal.ts';
import { apiKeyOf } from '../profile.ts';
import type { ChildConfig, FromChild, ToChild } from './child-protocol.ts';
import { disturbedBus, journalledBus } from './disturbed-bus.ts';

const config = JSON.parse(process.argv[2] ?? '') as ChildConfig;
let progress: { runId: string; step: number } | null = null;
let reached = 0;
let clockOffsetMs = 0;

function reach(point: CrashPoint): void {
  if (point !== config.kill?.point) return;
  reached += 1;
  if (reached !== config.kill.occurrence) return;
  writeJournal(config.journalFile, { kind: 'killed', at: Date.now(), point, progress });
  process.kill(process.pid, 'SIGKILL');
  // The signal may need a moment; nothing may happen until then.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const tell = (message: FromChild) => process.send?.(message);

async function createTenants({ store }: EmbeddedPlatform): Promise<void> {
  for (const id of config.tenants) {
    const keyHash = createHash('sha256').update(apiKeyOf(id)).digest('hex');
    if ((await store.resolveApiKey(keyHash)) !== null) continue;
    await store.createTenant({ id, weight: config.weights?.[id] ?? 1, name: id });
    await store.createApiKey({ tenantId: id, keyHash, label: 'fault suites' });
  }
}

const platform = await startEmbedded({
  dataDir: config.dataDir,
  weightsDir: config.weightsDir,
  auth: 'keys',
  threads: 1,
  selfCheck: false,
  queueLimit: 20_000,
  clock: { ...systemClock, now: () => systemClock.now() + clockOffsetMs },
  crashPoints: { reach },
  wrapBus: (bus) =>
    journalledBus(
      config.disturbance ? disturbedBus(bus, config.disturbance) : bus,
      (entry) => writeJournal(config.journalFile, entry),
      ({ runId, step, id }) => {
        progress = { runId, step };
        if (config.notesSteps) writeJournal(config.journalFile, { kind: 'stepped', at: Date.now(), id, step });
      },
    ),
});
await createTenants(platform);

async function stop(): Promise<void> {
  await platform.stop();
  process.exit(0);
}

process.on('message', async (question: ToChild) => {
  const { ask, number } = question;
  if (ask === 'unfinished') {
    const { byState, outboxPending } = await platform.store.counts();
    tell({ kind: 'answer', number, unfinished: (byState.queued ?? 0) + (byState.running ?? 0) + outboxPending });
  } else if (ask === 'shares') {
    tell({ kind: 'answer', number, shares: await platform.store.tenantShares() });
  } else if (ask === 'clock') {
    clockOffsetMs = question.offsetMs;
    tell({ kind: 'answer', number });
  } else {
    await stop();
  }
});
process.on('SIGTERM', stop);
process.on('disconnect', () => process.exit(1));
writeJournal(config.journalFile, { kind: 'ready', at: Date.now() });
tell({ kind: 'ready', url: platform.url });
