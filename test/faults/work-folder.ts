import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findWeights } from '@atelier/embedded';

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
