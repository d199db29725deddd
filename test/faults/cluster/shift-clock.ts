// Loaded before a service (`node --import`): its wall clock is off by `CLOCK_OFFSET_MS`; monotonic time is not.
const offsetMs = Number(process.env.CLOCK_OFFSET_MS ?? 0);
const trueDate = Date;
const now = (): number => trueDate.now() + offsetMs;

globalThis.Date = new Proxy(trueDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new trueDate(now()).toString(),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});

export {};
