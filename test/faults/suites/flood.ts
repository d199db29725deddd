import type { TenantShare } from '@atelier/ports';
import { percentile } from '../seeded-random.ts';
import { round, Stage, type SuiteResult, TENANTS, withWorkFolder } from '../stage.ts';
import type { Wish } from '../traffic.ts';

const [FLOODING, WAITING, COMPETING] = TENANTS as [string, string, string];

export interface FloodOptions {
  /** Jobs of the tenant that floods. */
  readonly flood: number;
  /** Jobs of another tenant, one after the other: alone first, then beside the flood. */
  readonly measured: number;
  /** Jobs of a third tenant, all at once beside the flood: its share of the stages' time is measured. */
  readonly competing: number;
}

/** Suite 9: one tenant floods; another one's waiting time and share are measured. */
export const flood = (options: FloodOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const stage = new Stage('flood', folder, { weightsDir });
    const { platform, traffic } = stage;
    const wish = (tenant: string, seed: number): Wish => ({
      tenant,
      body: { prompt: 'a red apple', seed, n: 1, steps: 4 },
    });
    const wishes = (tenant: string, count: number) => Array.from({ length: count }, (_, seed) => wish(tenant, seed));
    const timeOneAfterTheOther = async (): Promise<number[]> => {
      const times: number[] = [];
      for (const one of wishes(WAITING, options.measured)) times.push(await traffic.drawAndTime(one));
      return times;
    };
    try {
      platform.start();
      await traffic.drawAndTime(wish(WAITING, 999));
      const idleMs = await timeOneAfterTheOther();

      await traffic.askAll(wishes(FLOODING, options.flood), 16);
      const queuedAtStart = await platform.unfinished();
      const besideMs = await timeOneAfterTheOther();
      const queuedAfterTimes = await platform.unfinished();

      await traffic.askAll(wishes(COMPETING, options.competing), 16);
      const before = await platform.shares();
      await endOf(stage, options.competing);
      const after = await platform.shares();
      const queuedAtEnd = await platform.unfinished();
      const share = shareOf(COMPETING, FLOODING, before, after);

      const end = await stage.finish();
      const idleP95 = percentile(idleMs, 0.95);
      const besideP95 = percentile(besideMs, 0.95);
      return stage.judge({ suite: 9, fault: 'one tenant floods' }, end, new Map(), {
        flood_jobs: options.flood,
        queued_at_start: queuedAtStart ?? -1,
        queued_after_times: queuedAfterTimes ?? -1,
        queued_at_end: queuedAtEnd ?? -1,
        idle_ms_p95: round(idleP95),
        beside_flood_ms_p95: round(besideP95),
        p95_ratio: round(besideP95 / idleP95),
        share_of_weight: round(share / 0.5),
      });
    } finally {
      platform.abandon();
    }
  });

/** Until most of the competing tenant's jobs are done: then it still has a backlog, as a share supposes. */
async function endOf(stage: Stage, competing: number): Promise<void> {
  const spentAtStart = await spentBy(stage, COMPETING);
  const left = await stage.platform.unfinished();
  if (left === null) throw new Error('the platform died');
  const all = competing * 0.8;
  for (;;) {
    const unfinished = (await stage.platform.unfinished()) ?? 0;
    const done = left - unfinished;
    // Both tenants weigh the same: when 2 x 80 % of the competing jobs are done, about 80 % of its own are.
    if (unfinished === 0 || (done >= 2 * all && (await spentBy(stage, COMPETING)) > spentAtStart)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const spentBy = async (stage: Stage, tenant: string): Promise<number> =>
  (await stage.platform.shares()).find(({ tenantId }) => tenantId === tenant)?.spentMs ?? 0;

/** The first one's part of what both spent. */
function shareOf(one: string, other: string, before: readonly TenantShare[], after: readonly TenantShare[]): number {
  const spent = (tenant: string) => {
    const at = (shares: readonly TenantShare[]) => shares.find(({ tenantId }) => tenantId === tenant)?.spentMs ?? 0;
    return at(after) - at(before);
  };
  return spent(one) / (spent(one) + spent(other));
}
