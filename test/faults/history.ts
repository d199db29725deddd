import { TERMINAL_STATES } from '@atelier/contracts';

/** A client's wish and the ids it was given for it: more than one answer where it asked again. */
export interface AskedJob {
  /** Key that the client chose, unique per wish. */
  readonly request: string;
  /** What is drawn: equal text means equal pictures. */
  readonly recipe: string;
  readonly acceptedIds: readonly string[];
}

/** What the database holds of one generation after everything is over. */
export interface StoredJob {
  readonly id: string;
  /** Key of the wish it was made for. */
  readonly request: string;
  readonly state: string;
  readonly lastSequence: number;
  /** When the decision about its end was made, epoch milliseconds; null while it goes on. */
  readonly finishedAt: number | null;
  /** Why it failed, for whoever reads a report. */
  readonly error?: string;
  readonly samples: readonly { readonly index: number; readonly state: string }[];
  readonly log: readonly {
    readonly sequence: number;
    readonly type: string;
    /** Which piece of work: stage and indices; empty for entries about the whole. */
    readonly position: string;
  }[];
  readonly charges: readonly { readonly sampleIndex: number }[];
  /** Delivered pictures; sha256 of the bytes read back, null where they are missing or torn. */
  readonly pictures: readonly { readonly sampleIndex: number; readonly sha256: string | null }[];
}

/** One `generation.finished.v1` that the bus accepted. */
export interface Announcement {
  /** When the bus accepted it, epoch milliseconds of the same machine. */
  readonly at: number;
  readonly id: string;
  readonly messageId: string;
  readonly state: string;
}

export interface History {
  readonly asked: readonly AskedJob[];
  readonly stored: readonly StoredJob[];
  readonly announcements: readonly Announcement[];
  /** recipe -> sha256 by sample index, from a run that nothing disturbed. */
  readonly undisturbed: ReadonlyMap<string, readonly string[]>;
}

export type ViolationKind =
  | 'lost'
  | 'duplicated'
  | 'charged-twice'
  | 'charge-missing'
  | 'gap'
  | 'contradiction'
  | 'picture';
export interface Violation {
  readonly kind: ViolationKind;
  readonly job: string;
  readonly detail: string;
}

/** Everything that must hold of accepted jobs, whatever happened on the way; empty when it does. */
export function checkHistory(history: History): Violation[] {
  const stored = new Map(history.stored.map((job) => [job.id, job]));
  const announced = Map.groupBy(history.announcements, ({ id }) => id);
  return [
    ...history.asked.flatMap((wish) => checkWish(wish, history)),
    ...history.asked.flatMap((wish) =>
      [...new Set(wish.acceptedIds)].flatMap((id) => {
        const job = stored.get(id);
        if (!job) return [{ kind: 'lost' as const, job: id, detail: 'was accepted and is not stored' }];
        return [
          ...checkEnd(job),
          ...checkAnnouncements(job, announced.get(id) ?? []),
          ...checkLog(job),
          ...checkCharges(job),
          ...checkPictures(job, history.undisturbed.get(wish.recipe)),
        ];
      }),
    ),
  ];
}

/** A wish is one job, also when its answer was lost and the client asked again. */
function checkWish(wish: AskedJob, history: History): Violation[] {
  const ids = new Set([
    ...wish.acceptedIds,
    ...history.stored.filter(({ request }) => request === wish.request).map(({ id }) => id),
  ]);
  if (ids.size === 1) return [];
  const kind = ids.size === 0 ? 'lost' : 'duplicated';
  return [{ kind, job: wish.request, detail: `${ids.size} jobs were made for one request` }];
}

const isTerminal = (state: string): boolean => TERMINAL_STATES.some((terminal) => terminal === state);

function checkEnd({ id, state, samples, log }: StoredJob): Violation[] {
  const violations: Violation[] = [];
  if (!isTerminal(state)) violations.push({ kind: 'lost', job: id, detail: `never ended: ${state}` });
  const ends = log.filter(({ type }) => type.startsWith('generation.') && isTerminal(type.slice('generation.'.length)));
  if (ends.length > 1) {
    violations.push({ kind: 'duplicated', job: id, detail: `ended ${ends.length} times in its log` });
  }
  if (isTerminal(state) && log.at(-1)?.type !== `generation.${state}`) {
    violations.push({ kind: 'contradiction', job: id, detail: `is ${state}, its log ends with ${log.at(-1)?.type}` });
  }
  if (isTerminal(state) && samples.some((sample) => sample.state === 'queued' || sample.state === 'running')) {
    violations.push({ kind: 'contradiction', job: id, detail: 'is over, but one of its samples is not' });
  }
  return violations;
}

/** Processes follow the time of their database, as near as its answers can tell; a crash costs a restart of seconds. */
const CLOCKS_AGREE_WITHIN_MS = 250;

function checkAnnouncements({ id, state, finishedAt }: StoredJob, announcements: readonly Announcement[]): Violation[] {
  const violations: Violation[] = [];
  const messages = new Set(announcements.map(({ messageId }) => messageId));
  if (isTerminal(state) && messages.size === 0) {
    violations.push({ kind: 'lost', job: id, detail: 'its end was never announced' });
  }
  if (messages.size > 1) {
    violations.push({ kind: 'duplicated', job: id, detail: `its end was announced by ${messages.size} messages` });
  }
  const other = announcements.find((announcement) => announcement.state !== state);
  if (other) {
    violations.push({ kind: 'contradiction', job: id, detail: `was announced as ${other.state} and is ${state}` });
  }
  // An end that a crash took back and that came about once more tells the same with the same id: only time gives it away.
  if (finishedAt !== null && announcements.some(({ at }) => at < finishedAt - CLOCKS_AGREE_WITHIN_MS)) {
    violations.push({ kind: 'contradiction', job: id, detail: 'its end was announced before it was decided' });
  }
  return violations;
}

/** Results of which a second one would show: of each piece of work there is at most one. */
const ONCE = ['stage.completed', 'sample.succeeded', 'sample.failed', 'prompt.expanded'];

function checkLog({ id, log, lastSequence }: StoredJob): Violation[] {
  const violations: Violation[] = [];
  if (log.some(({ sequence }, index) => sequence !== index + 1) || log.length !== lastSequence) {
    const sequences = log.map(({ sequence }) => sequence).join(',');
    violations.push({ kind: 'gap', job: id, detail: `sequences ${sequences}, the last is said to be ${lastSequence}` });
  }
  const results = log.filter(({ type }) => ONCE.includes(type)).map(({ type, position }) => `${type} ${position}`);
  const repeated = results.find((result, index) => results.indexOf(result) !== index);
  if (repeated) violations.push({ kind: 'duplicated', job: id, detail: `has two results of ${repeated}` });
  return violations;
}

function checkCharges({ id, charges, samples }: StoredJob): Violation[] {
  return samples.flatMap(({ index, state }) => {
    const count = charges.filter(({ sampleIndex }) => sampleIndex === index).length;
    const due = state === 'succeeded' ? 1 : 0;
    if (count === due) return [];
    const kind = count > due ? 'charged-twice' : 'charge-missing';
    return [{ kind, job: id, detail: `${count} charges for sample ${index}, which is ${state}` } as const];
  });
}

function checkPictures({ id, samples, pictures }: StoredJob, undisturbed: readonly string[] | undefined): Violation[] {
  return samples.flatMap(({ index, state }): Violation[] => {
    if (state !== 'succeeded') return [];
    const own = pictures.filter(({ sampleIndex }) => sampleIndex === index);
    const picture = own[0];
    if (own.length > 1) return [{ kind: 'duplicated', job: id, detail: `${own.length} pictures of sample ${index}` }];
    if (!picture?.sha256) return [{ kind: 'picture', job: id, detail: `the picture of sample ${index} is missing` }];
    const expected = undisturbed?.[index];
    if (expected === undefined || expected === picture.sha256) return [];
    return [{ kind: 'picture', job: id, detail: `the picture of sample ${index} differs from the undisturbed one` }];
  });
}
