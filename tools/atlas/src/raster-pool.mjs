import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('./raster-worker.mjs', import.meta.url));
/** What is tried in turn when a drawing kills the renderer: one or more pixels larger, then the other renderer. */
const ATTEMPTS = [{}, { extraPx: 1 }, { extraPx: 3 }, { renderer: 'librsvg' }];

/**
 * Renders all jobs in child processes, because some drawings abort the native renderer (no exception, SIGABRT).
 * @param jobs [{ key, set, icon, sizePx, vertical }], keys are file-name safe and unique
 * @returns Map key -> RGBA bytes; `aborted` lists the keys whose first attempt killed the renderer
 */
export function renderAll(jobs) {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-'));
  const attempt = new Map();
  try {
    let open = jobs;
    while (open.length > 0) {
      const jobsPath = join(folder, 'jobs.json');
      writeFileSync(jobsPath, JSON.stringify(open.map((job) => ({ ...job, ...ATTEMPTS[attempt.get(job.key) ?? 0] }))));
      try {
        execFileSync(process.execPath, [WORKER, jobsPath, folder], { stdio: ['ignore', 'inherit', 'ignore'] });
      } catch (error) {
        if (error.signal !== 'SIGABRT') throw error;
      }
      const left = open.filter((job) => !existsSync(join(folder, `${job.key}.rgba`)));
      if (left.length > 0) {
        const killer = left[0].key;
        attempt.set(killer, (attempt.get(killer) ?? 0) + 1);
        if (attempt.get(killer) >= ATTEMPTS.length) throw new Error(`no renderer draws ${killer}`);
      }
      open = left;
    }
    const sprites = new Map(jobs.map((job) => [job.key, readFileSync(join(folder, `${job.key}.rgba`))]));
    return { sprites, aborted: [...attempt.keys()].sort() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
