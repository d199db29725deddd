import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlantedBug } from '../planted-bugs.ts';
import type { Profile } from '../profile.ts';
import { seededRandom } from '../seeded-random.ts';
import { drawUndisturbed, Stage } from '../stage.ts';
import { atLeast, exactly, type SuiteResult } from '../suite-result.ts';
import { change, TENANTS } from '../wishes.ts';
import { withWorkFolder } from '../work-folder.ts';

const STEPS = 4;
const PICTURES = 3;
/** A bit of the last number's exponent, half of the bytes, and what lies under another key. */
const DAMAGES = ['flipped', 'cut', 'foreign'] as const;

/** Two of five reads find an entry damaged; what became of the read is noted in the file `log`. */
function damagedEntries(log: string): PlantedBug {
  const note = (found: string) =>
    `if (damage) (await import('node:fs')).appendFileSync(${JSON.stringify(log)}, damage + ' ' + (${found} === null ? 'missed' : 'served') + '\\n');`;
  const chosen = `this.asked = (this.asked ?? 0) + 1;
        const isDamaged = this.asked * 7 % 5 < 2;
        if (isDamaged) this.damages = (this.damages ?? -1) + 1;
        const damage = isDamaged ? ${JSON.stringify(DAMAGES)}[this.damages % 3] : null;`;
  return {
    name: 'a cache that damages what it keeps',
    what: 'flips bits, cuts, or gives what lies under another key',
    foundAs: [],
    edits: [
      {
        module: 'libs/adapters/cache-memory/dist/memory-reference-cache.js',
        find: 'async get(tenantId, key) {',
        replace: `async get(tenantId, key) {
        const entry = this.entries.get(nameOf(tenantId, key));
        if (!entry) return this.getSoundly(tenantId, key);
        ${chosen}
        // The same picture of another tenant would be no damage.
        const other = [...this.entries.values()].find((one) => one.checksum !== entry.checksum);
        // Of its own: damage to what two entries share would be undone by the second flip.
        if (damage) entry.content = Buffer.from(entry.content);
        if (damage === 'flipped' || (damage === 'foreign' && !other)) entry.content[entry.content.length - 1] ^= 0x20;
        else if (damage === 'cut') entry.content = entry.content.subarray(0, entry.content.length >> 1);
        else if (damage === 'foreign') entry.content = Buffer.from(other.content);
        const found = await this.getSoundly(tenantId, key);
        ${note('found')}
        return found;
    }
    async getSoundly(tenantId, key) {`,
      },
      {
        module: 'libs/adapters/cache-redis/dist/redis-reference-cache.js',
        find: 'const bytes = joinChunks(manifest, chunks);',
        replace: `${chosen}
        const last = chunks.at(-1);
        if (damage === 'flipped') last[last.length - 1] ^= 0x20;
        else if (damage === 'cut') chunks[chunks.length - 1] = last.subarray(0, last.length >> 1);
        else if (damage === 'foreign') chunks[chunks.length - 1] = Buffer.alloc(last.length, 7);
        const bytes = joinChunks(manifest, chunks);
        ${note('bytes')}`,
      },
      // The tiny weights encode quicker than any network: their K/V are kept and fetched all the same.
      {
        module: 'libs/adapters/cache-redis/dist/redis-reference-cache.js',
        find: 'if (recomputeMs > this.#estimate.fetchMs(bytes))',
        replace: 'if (true)',
      },
      {
        module: 'libs/adapters/cache-redis/dist/redis-reference-cache.js',
        find: 'if (!(recomputeMs > this.#estimate.fetchMs(bytes.length)))',
        replace: 'if (false)',
      },
    ],
  };
}

export interface DamagedCacheOptions {
  readonly seed: number;
  readonly jobs: number;
}

/** Suite 15: reference K/V come damaged out of the cache. Every damage reads as a miss, and no picture shows it. */
export const damagedCache = (profile: Profile, options: DamagedCacheOptions): Promise<SuiteResult> =>
  withWorkFolder(async (folder, weightsDir) => {
    const random = seededRandom(options.seed);
    const bodies = await Promise.all(Array.from({ length: PICTURES }, (_, index) => change(index + 1, STEPS)));
    const undisturbed = await drawUndisturbed({ folder, weightsDir, steps: STEPS, bug: undefined, bodies });
    const log = join(folder, 'damages.txt');
    const stage = new Stage(profile, { name: 'damaged-cache', folder, weightsDir, bug: damagedEntries(log) });
    const { platform, traffic } = stage;
    try {
      platform.start();
      // Few tenants, since each has entries of its own.
      const wishes = Array.from({ length: options.jobs }, () => ({
        tenant: TENANTS[Math.floor(random() * 2)] as string,
        body: bodies[Math.floor(random() * PICTURES)] as (typeof bodies)[number],
      }));
      await traffic.askAll(wishes);
      const end = await stage.finish();
      const reads = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
      const served = reads.filter((read) => read.endsWith('served'));
      const hits = end.runs.filter(
        ({ stage: word, result }) => word === 'reference-encoding' && (result as { cacheHit?: boolean })?.cacheHit,
      );
      return stage.judge({ suite: 15, fault: 'cached reference K/V flipped, cut or exchanged' }, end, undisturbed, {
        details: {
          damaged_reads: reads.length,
          encodings_skipped: hits.length,
          ...(served.length > 0 ? { served: [...new Set(served)].join(', ') } : {}),
        },
        goals: [
          atLeast('damaged reads', reads.length, options.jobs / 4),
          exactly('kinds of damage', new Set(reads.map((read) => read.split(' ')[0])).size, DAMAGES.length),
          exactly('damaged reads that were served', served.length, 0),
          atLeast('encodings skipped', hits.length, 1),
          exactly('jobs drawn', end.stored.filter(({ state }) => state === 'succeeded').length, options.jobs),
        ],
      });
    } finally {
      platform.abandon();
    }
  });
