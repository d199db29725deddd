import { cpus, loadavg } from 'node:os';
import { EMBEDDED } from './embedded/embedded-platform.ts';
import { type AskedJob, checkHistory, type History, type Violation } from './history.ts';
import type { PlantedBug } from './planted-bugs.ts';
import type { EndState, Platform, PlatformOptions, Profile } from './profile.ts';
import { announcementsIn, recoveryIn, redispatchesIn, staleWritesRejected } from './read-journal.ts';
import { percentile } from './seeded-random.ts';
import { type Goal, type SuiteResult, unmetGoals } from './suite-result.ts';
import { Traffic, type Wish } from './traffic.ts';
import { recipes, TENANTS } from './wishes.ts';

/** Longer than any lease: what has not moved for so long is stuck, and the history will tell. */
const PATIENCE_MS = 90_000;
/** A platform with a planted bug may be stuck for good; nobody waits for what its leases would repair. */
const PATIENCE_WITH_A_BUG_MS = 15_000;

/** Counting what is left costs the database something. */
const LOOK_MS = 100;

/** One platform of a profile, and its clients. */
export class Stage {
  readonly platform: Platform;
  readonly traffic: Traffic;
  private readonly profile: Profile['name'];
  private readonly patienceMs: number;

  constructor(profile: Profile, options: Omit<PlatformOptions, 'tenants'>) {
    this.profile = profile.name;
    this.patienceMs = options.bug?.foundAs.length ? PATIENCE_WITH_A_BUG_MS : PATIENCE_MS;
    this.platform = profile.create({ tenants: TENANTS, ...options });
    this.traffic = new Traffic(this.platform, options.name);
  }

  /** Until no job and no outbox row waits; returns early where the process dies, or where nothing goes on any more. */
  async drained(): Promise<void> {
    let last = '';
    let changedAtMs = performance.now();
    for (;;) {
      const unfinished = await this.platform.unfinished();
      if (unfinished === null || unfinished === 0) return;
      const state = `${unfinished} ${this.platform.journalBytes()}`;
      if (state !== last) {
        last = state;
        changedAtMs = performance.now();
      } else if (performance.now() - changedAtMs > this.patienceMs) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /**
   * Clients ask for `wishes`, and after `afterMs`, in the middle of them, `fault` happens. Resolves with what it tells
   * once every wish was accepted.
   */
  async duringWave<T>(wishes: readonly Wish[], afterMs: number, fault: () => Promise<T>): Promise<T> {
    await this.platform.address();
    const wave = this.traffic.askAll(wishes);
    // Awaited below; until then its failure must not end the process.
    wave.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const told = await fault();
    await wave;
    return told;
  }

  async finish(): Promise<EndState> {
    await this.drained();
    await this.platform.stop();
    return this.platform.readEnd();
  }

  /** The verdict over everything that was asked. */
  judge(
    suite: Pick<SuiteResult, 'suite' | 'fault'>,
    end: EndState,
    undisturbed: History['undisturbed'],
    counted: { readonly details?: SuiteResult['details']; readonly goals?: readonly Goal[] } = {},
    asked: readonly AskedJob[] = this.traffic.asked,
  ): SuiteResult {
    const journal = this.platform.journal();
    const violations = checkHistory({
      asked,
      stored: end.stored,
      announcements: announcementsIn(journal),
      undisturbed,
    });
    const count = (kind: Violation['kind']) => violations.filter((violation) => violation.kind === kind).length;
    const states = Map.groupBy(end.stored, ({ state }) => state);
    const { restartS, toNextEndS } = recoveryIn(journal);
    const p95 = (seconds: readonly number[]) => (seconds.length === 0 ? null : round(percentile(seconds, 0.95)));
    const goals = counted.goals ?? [];
    return {
      ...suite,
      profile: this.profile,
      machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`,
      jobs: asked.length,
      lost: count('lost'),
      duplicated: count('duplicated'),
      charged_twice: count('charged-twice'),
      stale_writes_rejected: staleWritesRejected(journal, end.runs),
      dispatched_again_s_p95: p95(redispatchesIn(journal)),
      restart_s_p95: p95(restartS),
      recovery_s_p95: p95(toNextEndS),
      details: {
        ...Object.fromEntries([...states].map(([state, jobs]) => [state, jobs.length])),
        ...counted.details,
      },
      goals,
      unmet: unmetGoals(goals),
      violations,
    };
  }
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

/**
 * sha256 of the pictures of every recipe (those of `recipes`, or `bodies`), drawn by an embedded platform that nothing
 * disturbs, whatever is tested.
 */
export async function drawUndisturbed(options: {
  folder: string;
  weightsDir: string;
  steps: number;
  bug: PlantedBug | undefined;
  bodies?: readonly Wish['body'][];
}): Promise<History['undisturbed']> {
  const { folder, weightsDir, steps, bug, bodies = recipes(steps) } = options;
  // Pictures are compared only where a planted bug is to show in them.
  if (bug && !bug.foundAs.includes('picture')) return new Map();
  const stage = new Stage(EMBEDDED, { name: 'undisturbed', folder, weightsDir });
  try {
    stage.platform.start();
    await stage.traffic.askAll(bodies.map((body) => ({ tenant: TENANTS[0] as string, body })));
    const { stored } = await stage.finish();
    const byRequest = new Map(stored.map((job) => [job.request, job]));
    return new Map(
      stage.traffic.asked.map(({ request, recipe }) => {
        const job = byRequest.get(request);
        if (job?.state !== 'succeeded')
          throw new Error(`the undisturbed platform did not draw ${recipe}: ${job?.state} ${job?.error ?? ''}`);
        const pictures = [...job.pictures].sort((a, b) => a.sampleIndex - b.sampleIndex);
        return [recipe, pictures.map(({ sha256 }) => sha256 ?? 'missing')];
      }),
    );
  } finally {
    stage.platform.abandon();
  }
}
