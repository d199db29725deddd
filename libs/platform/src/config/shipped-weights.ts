import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Thrown at boot when there are no weights to draw with. */
export class WeightsNotFoundError extends Error {
  override readonly name = 'WeightsNotFoundError';
}

/** The weights that come with the repository; the path is the same from `src` and from `dist`. */
const SHIPPED_WEIGHTS = fileURLToPath(new URL('../../../../gpu-runtime/weights/', import.meta.url));

/** Folder of the named weights, or of those that `default.json` names. */
export async function findWeights(name?: string, root: string = SHIPPED_WEIGHTS): Promise<string> {
  const folder = join(root, name ?? (await defaultName(root)));
  try {
    await readFile(join(folder, 'manifest.json'));
  } catch {
    throw new WeightsNotFoundError(`there are no weights in ${folder}: its manifest.json cannot be read`);
  }
  return folder;
}

async function defaultName(root: string): Promise<string> {
  try {
    const { name } = JSON.parse(await readFile(join(root, 'default.json'), 'utf8')) as { name: string };
    return name;
  } catch {
    throw new WeightsNotFoundError(`${join(root, 'default.json')} does not name the weights to draw with`);
  }
}
