import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findWeights } from '@atelier/embedded';
import { type ChildConfig, readJournal } from './child-protocol.ts';
import { type AskedJob, checkHistory, type History, type Violation } from './history.ts';
import { KillablePlatform } from './killable-platform.ts';
import {
  announcementsIn,
  type EndState,
  journalFileOf,
  readEndState,
  recoveryIn,
  staleWritesRejected,
} from './read-history.ts';
import { percentile, seededRandom } from './seeded-random.ts';
import { recipeOf, Traffic, type Wish } from './traffic.ts';

export const TENANTS = Array.from({ length: 20 }, (_, index) => `ten_client-${String(index + 1).padStart(2, '0')}`);

export interface SuiteResult {
  readonly suite: number;
  readonly fault: string;
  readonly profile: 'embedded';
  readonly jobs: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly charged_twice: number;
  readonly stale_writes_rejected: number;
  /** From a kill to the first job that ended after it; null where nothing was killed. */
  readonly recovery_s_p95: number | null;
  /** Everything else that was counted, for the report. */
  readonly details: Readonly<Record<string, number | string>>;
  readonly violations: readonly Violation[];
}

/** A temporary folder with a copy of the tiny weights, gone afterwards. The copy keeps its bytes for the whole run. */
export async function withWorkFolder<T>(
  work: (folder: string, weightsDir: string) => Promise<T>,
  changes: { readonly stepMs?: number } = {},
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'atelier-faults-'));
  try {
    const weightsDir = join(folder, 'weights');
    await mkdir(weightsDir);
    await cp(await findWeights('tiny'), weightsDir, { recursive: true });
    if (changes.stepMs !== undefined) {
      const path = join(weightsDir, 'manifest.json');
      const manifest = JSON.parse(await readFile(path, 'utf8'));
      manifest.costModel.stepMs = changes.stepMs;
      await writeFile(path, JSON.stringify(manifest));
    }
    return await work(folder, weightsDir);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** One platform on one data folder, and its clients. */
export class Stage {
  readonly platform: KillablePlatform;
  readonly traffic: Traffic;
  readonly config: ChildConfig;

  constructor(name: string, folder: string, options: Pick<ChildConfig, 'weightsDir' | 'disturbance'>) {
    const dataDir = join(folder, name);
    this.config = {
      dataDir,
      tenants: TENANTS,
      journalFile: journalFileOf(folder).replace('journal', name),
      ...options,
    };
    this.platform = new KillablePlatform(this.config);
    this.traffic = new Traffic(this.platform, name);
  }

  /** Until no job and no outbox row waits; returns early where the process dies. */
  async drained(): Promise<void> {
    for (;;) {
      const unfinished = await this.platform.unfinished();
      if (unfinished === null || unfinished === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async finish(): Promise<EndState> {
    await this.drained();
    await this.platform.stop();
    return readEndState(this.config.dataDir, TENANTS);
  }

  /** The verdict over everything that was asked. */
  judge(
    suite: Pick<SuiteResult, 'suite' | 'fault'>,
    end: EndState,
    undisturbed: History['undisturbed'],
    details: SuiteResult['details'] = {},
    asked: readonly AskedJob[] = this.traffic.asked,
  ): SuiteResult {
    const journal = readJournal(this.config.journalFile);
    const violations = checkHistory({
      asked,
      stored: end.stored,
      announcements: announcementsIn(journal),
      undisturbed,
    });
    const count = (kind: Violation['kind']) => violations.filter((violation) => violation.kind === kind).length;
    const states = Map.groupBy(end.stored, ({ state }) => state);
    const { toFirstEndS } = recoveryIn(journal);
    return {
      ...suite,
      profile: 'embedded',
      jobs: asked.length,
      lost: count('lost'),
      duplicated: count('duplicated'),
      charged_twice: count('charged-twice'),
      stale_writes_rejected: staleWritesRejected(journal, end.runs),
      recovery_s_p95: toFirstEndS.length === 0 ? null : round(percentile(toFirstEndS, 0.95)),
      details: {
        ...Object.fromEntries([...states].map(([state, jobs]) => [state, jobs.length])),
        violations: violations.length,
        ...details,
      },
      violations,
    };
  }
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

const SUBJECTS = ['a red apple', 'a cactus in the desert at night', 'a house', 'a balloon above a tree'];

/** A few recipes, so that most pictures are drawn more than once and can be compared. */
export function recipes(steps: number): Wish['body'][] {
  return SUBJECTS.flatMap((prompt, index) => [
    { prompt, seed: index + 1, n: 1, steps },
    { prompt, seed: index + 11, n: 2, steps },
  ]);
}

/** Wishes of random tenants, some of which think better of it. */
export function randomWishes(
  count: number,
  random: () => number,
  options: { steps: number; cancelShare: number },
): Wish[] {
  const pool = recipes(options.steps);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: count }, () => ({
    tenant: pick(TENANTS),
    body: pick(pool),
    ...(random() < options.cancelShare ? { cancelAfterMs: Math.floor(random() ** 2 * 60) } : {}),
  }));
}

/** sha256 of every recipe's pictures, drawn by a platform that nothing disturbs. */
export async function drawUndisturbed(
  folder: string,
  weightsDir: string,
  steps: number,
): Promise<History['undisturbed']> {
  const stage = new Stage('undisturbed', folder, { weightsDir });
  try {
    stage.platform.start();
    await stage.traffic.askAll(recipes(steps).map((body) => ({ tenant: TENANTS[0] as string, body })));
    const { stored } = await stage.finish();
    const byRequest = new Map(stored.map((job) => [job.request, job]));
    return new Map(
      stage.traffic.asked.map(({ request, recipe }) => {
        const job = byRequest.get(request);
        if (job?.state !== 'succeeded')
          throw new Error(`the undisturbed platform did not draw ${recipe}: ${job?.state}`);
        const pictures = [...job.pictures].sort((a, b) => a.sampleIndex - b.sampleIndex);
        return [recipe, pictures.map(({ sha256 }) => sha256 ?? 'missing')];
      }),
    );
  } finally {
    stage.platform.abandon();
  }
}

export { recipeOf, seededRandom };
