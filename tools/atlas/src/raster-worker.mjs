// Child process: renders the jobs of a file one after the other; the parent notices where it died.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderSprite } from './raster.mjs';
import { openSet } from './sources.mjs';

const [, , jobsPath, outFolder] = process.argv;
const sets = new Map();
for (const job of JSON.parse(readFileSync(jobsPath, 'utf8'))) {
  if (!sets.has(job.set)) sets.set(job.set, openSet(job.set));
  const sprite = await renderSprite(sets.get(job.set).icon(job.icon), job);
  writeFileSync(join(outFolder, `${job.key}.rgba`), sprite ?? new Uint8Array());
}
