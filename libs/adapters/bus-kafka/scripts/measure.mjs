// What the bus costs: latency at 20 messages a second, messages a second at full speed, CPU at rest.
// Usage, after a build: node scripts/measure.mjs --brokers 127.0.0.1:9092, or without, on a broker of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { brokers: { type: 'string' }, seconds: { type: 'string', default: '20' } } });
const { KafkaBus, ensureTopics } = await import(new URL('../dist/index.js', import.meta.url).href);
const SECONDS = Number(values.seconds);
const BODY = 'x'.repeat(1_000);
const TOPIC = `measure-${Date.now()}`;

const clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]?.toFixed(1);
const cpuShare = async (work) => {
  const [before, startedAt] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 10 / (performance.now() - startedAt)).toFixed(2);
};

const own = values.brokers ? null : await startOwnBroker();
const brokers = values.brokers?.split(',') ?? own.brokers;
await ensureTopics({ brokers, clientId: 'measure', topics: [{ name: TOPIC, partitions: 6, retentionMs: 3_600_000 }] });
const bus = new KafkaBus({
  brokers,
  clientId: 'measure',
  clock,
  onFatal: (error) => {
    throw error;
  },
});
const ages = [];
let handled = 0;
const queue = { topic: TOPIC, group: TOPIC, delivery: 'queue', concurrency: 6 };
const broadcast = { topic: TOPIC, group: 'idle', delivery: 'broadcast' };
await Promise.all([
  bus.subscribe(queue, async ({ headers }) => {
    ages.push(performance.now() - Number(headers.at));
    handled += 1;
  }),
  bus.subscribe(broadcast, async () => undefined),
]);
const send = (n) =>
  bus.publish([{ topic: TOPIC, key: `key-${n}`, value: BODY, headers: { at: String(performance.now()) } }]);
const untilHandled = async (count) => {
  while (handled < count) await clock.sleep(5);
};

for (let n = 0; n < 20; n += 1) await send(n);
await untilHandled(20);
const idle = await cpuShare(() => clock.sleep(SECONDS * 1_000));

ages.length = 0;
const sends = [];
for (let n = 0; n < SECONDS * 20; n += 1) {
  const at = performance.now();
  void send(n).then(() => sends.push(performance.now() - at));
  await clock.sleep(50);
}
await untilHandled(20 + SECONDS * 20);
const [age, sent] = [ages.toSorted((a, b) => a - b), sends.toSorted((a, b) => a - b)];

const COUNT = 20_000;
const from = handled;
const startedAt = performance.now();
await Promise.all(Array.from({ length: COUNT }, (_, n) => send(n)));
const publishedMs = performance.now() - startedAt;
await untilHandled(from + COUNT);
const handledMs = performance.now() - startedAt;

process.stdout.write(
  `${JSON.stringify({
    idleCpuPercent: Number(idle),
    endToEndMs: { p50: Number(quantile(age, 0.5)), p99: Number(quantile(age, 0.99)), max: Number(quantile(age, 1)) },
    publishMs: { p50: Number(quantile(sent, 0.5)), p99: Number(quantile(sent, 0.99)) },
    publishedPerSecond: Math.round((COUNT * 1_000) / publishedMs),
    handledPerSecond: Math.round((COUNT * 1_000) / handledMs),
  })}\n`,
);
await bus.close();
await own?.stop();
process.exit(0);

async function startOwnBroker() {
  const { startKafka } = await import(new URL('../../../../tools/stack/kafka.mjs', import.meta.url).href);
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-measure-'));
  const broker = await startKafka({ dataDir: folder });
  const stop = async () => {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { brokers: broker.brokers, stop };
}
