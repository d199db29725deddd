// One slot's worker as a process of its own, for specs that stop and continue it. Run by `fork` after a build, with one
// argument: JSON of { brokers, topic, group, claim, handlerMs, times }. Tells its parent what it starts and finishes.

// By address: the package imports itself only from what is built, and only where it was built.
const { KafkaBus } = await import(new URL('../dist/index.js', import.meta.url).href);
const { brokers, topic, group, claim, handlerMs, times } = JSON.parse(process.argv[2]);
const FATAL_EXIT_CODE = 70;

const clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

const bus = new KafkaBus({
  brokers,
  clientId: 'slot-worker',
  clock,
  times,
  onFatal: () => process.exit(FATAL_EXIT_CODE),
});
await bus.subscribe({ topic, group, delivery: 'queue', partitions: [0], claim }, async ({ value }, { signal }) => {
  process.send({ event: 'started', value });
  await clock.sleep(handlerMs, signal);
  process.send({ event: signal.aborted ? 'interrupted' : 'finished', value });
  if (signal.aborted) throw signal.reason;
});
process.send({ event: 'subscribed' });
process.on('disconnect', () => process.exit(0));
