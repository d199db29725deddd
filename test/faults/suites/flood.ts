import type { TenantShare } from '@atelier/ports';
import type { EndState, Profile } from '../profile.ts';
import { percentile } from '../seeded-random.ts';
import { round, Stage } from '../stage.ts';
import type { Goal, SuiteResult } from '../suite-result.ts';
import type { Wish } from '../traffic.ts';
import { TENANTS } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';
import { Backlog } from './backlog.ts';

const [FLOODING, QUIET, COMPETING] = TENANTS as [string, string, string];
const COMPETING_WEIGHT = 2;
/** As many as the weights take, so that a picture costs more in its stages than on the way between them. */
const STEPS = 64;

export interface FloodOptions {
  /** Jobs that the flooding tenant always has waiting. */
  readonly flood: number;
  /** Jobs of another tenant, one after the other: alone first, then beside the flood. */
  readonly measured: number;
  /** Length of the window in which a third tenant of double weight floods too and shares are measured. */
  readonly windowMs: number;
  /** On a busy machine the window lasts until so many jobs have ended in it: a share of few jobs says nothing. @default 60 */
  readonly windowJobs?: number;
  /** Fewer measured jobs than this say nothing about a p95: then it is counted and not judged. @default 20 */
  readonly judgedFrom?: number;
  /** Largest deviation of a share from its weight. @default 0.1 */
  readonly shareTolerance?: number;
}

/** Suite 9: one tenant floods; another one's waiting time and the shares of two that flood are measured. */
export const flood = (profile: Profile, options: FloodOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const weights = { [COMPETING]: COMPETING_WEIGHT };
    const stage = new Stage(profile, { name: 'flood', folder, weightsDir, weights });
    const { platform, traffic } = stage;
    const wish = (tenant: string, seed: number): Wish => ({
      tenant,
      body: { prompt: 'a red apple', seed, n: 1, steps: STEPS },
    });
    const timeOneAfterTheOther = async (): Promise<number[]> => {
      const times: number[] = [];
      for (let seed = 0; seed < options.measured; seed += 1) times.push(await traffic.drawAndTime(wish(QUIET, seed)));
      return times;
    };
    try {
      platform.start();
      for (let seed = 0; seed < 3; seed += 1) await traffic.drawAndTime(wish(QUIET, 900 + seed));
      const idleMs = await timeOneAfterTheOther();

      const flooding = await Backlog.fill(stage, (seed) => wish(FLOODING, seed), options.flood);
      const besideMs = await timeOneAfterTheOther();
      const waiting = flooding.waiting();

      const competing = await Backlog.fill(stage, (seed) => wish(COMPETING, seed), options.flood);
      const before = await platform.shares();
      const windowMs = await pass(stage, options);
      const after = await platform.shares();
      const bothWaited = flooding.waiting() > 0 && competing.waiting() > 0;
      await Promise.all([flooding.drop(), competing.drop()]);

      const end = await stage.finish();
      const share = bothWaited ? shareOf(COMPETING, FLOODING, before, after) : Number.NaN;
      const figures: Figures = {
        idleP95: percentile(idleMs, 0.95),
        besideP95: percentile(besideMs, 0.95),
        longestStageMs: longestStageMs(end),
        shareOfWeight: share / (COMPETING_WEIGHT / (COMPETING_WEIGHT + 1)),
      };
      return stage.judge({ suite: 9, fault: 'one tenant floods' }, end, new Map(), {
        details: {
          waiting_after_times: waiting,
          idle_ms_p50: round(percentile(idleMs, 0.5)),
          idle_ms_p95: round(figures.idleP95),
          beside_flood_ms_p50: round(percentile(besideMs, 0.5)),
          beside_flood_ms_p95: round(figures.besideP95),
          p95_ratio: round(figures.besideP95 / figures.idleP95),
          longest_stage_ms_p95: round(figures.longestStageMs),
          share_of_weight: round(figures.shareOfWeight),
          window_s: round(windowMs / 1000),
        },
        goals: goalsOf(figures, waiting, options),
      });
    } finally {
      platform.abandon();
    }
  });

/** Lets the window pass; milliseconds that it lasted. */
async function pass({ platform }: Stage, { windowMs, windowJobs = 60 }: FloodOptions): Promise<number> {
  const startedMs = performance.now();
  const endedJobs = () => platform.journal().filter(({ kind }) => kind === 'finished').length;
  const before = endedJobs();
  do await new Promise((resolve) => setTimeout(resolve, Math.min(windowMs, 500)));
  while (performance.now() - startedMs < windowMs || endedJobs() - before < windowJobs);
  return performance.now() - startedMs;
}

interface Figures {
  readonly idleP95: number;
  readonly besideP95: number;
  readonly longestStageMs: number;
  readonly shareOfWeight: number;
}

function goalsOf(figures: Figures, waiting: number, options: FloodOptions): Goal[] {
  const { measured, judgedFrom = 20, shareTolerance = 0.1 } = options;
  const { idleP95, besideP95, longestStageMs, shareOfWeight } = figures;
  const goals: Goal[] = [
    { what: 'jobs of the flood that still waited', value: waiting, bound: 'at least', limit: 1 },
    { what: 'share of the weight', value: round(shareOfWeight, 3), bound: 'at least', limit: 1 - shareTolerance },
    { what: 'share of the weight', value: round(shareOfWeight, 3), bound: 'at most', limit: 1 + shareTolerance },
  ];
  if (measured < judgedFrom) return goals;
  return [
    ...goals,
    {
      what: 'p95 beside the flood in ms, against the p95 alone and two of the longest stage runs',
      value: round(besideP95),
      bound: 'at most',
      limit: round(idleP95 + 2 * longestStageMs),
    },
  ];
}

/** p95 of the stage that takes longest: one run that a busy machine held up does not loosen the goal. */
function longestStageMs({ runs }: EndState): number {
  const byStage = Map.groupBy(
    runs.filter((run) => run.durationMs !== null),
    ({ stage }) => stage,
  );
  return Math.max(
    ...[...byStage.values()].map((ofStage) =>
      percentile(
        ofStage.map(({ durationMs }) => durationMs as number),
        0.95,
      ),
    ),
  );
}

/** The first one's part of what both spent. */
function shareOf(one: string, other: string, before: readonly TenantShare[], after: readonly TenantShare[]): number {
  const spent = (tenant: string) => {
    const at = (shares: readonly TenantShare[]) => shares.find(({ tenantId }) => tenantId === tenant)?.spentMs ?? 0;
    return at(after) - at(before);
  };
  return spent(one) / (spent(one) + spent(other));
}
