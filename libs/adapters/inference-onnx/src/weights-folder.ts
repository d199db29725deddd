import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { WeightsManifest } from '@atelier/contracts';

export interface WeightsFolder {
  readonly path: string;
  readonly manifest: WeightsManifest;
}

/** Thrown when a weights folder is missing, incomplete, changed or not for this platform. */
export class WeightsError extends Error {
  override readonly name = 'WeightsError';
  constructor(
    readonly folder: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`the weights in ${folder} cannot be used: ${reason}`, options);
  }
}

/**
 * Reads `manifest.json` and proves that every file it lists is there unchanged (size and sha256), that the
 * fingerprint belongs to these files, and that every graph is one of them.
 * @throws WeightsError
 */
export async function openWeightsFolder(folder: string): Promise<WeightsFolder> {
  const manifest = await readManifest(folder);
  await Promise.all(manifest.files.map((file) => verifyFile(folder, file)));
  if (weightsFingerprint(manifest.files) !== manifest.fingerprint) {
    throw new WeightsError(folder, 'the fingerprint of the manifest is not that of its files');
  }
  const listed = new Set(manifest.files.map(({ name }) => name));
  for (const file of usedFiles(manifest)) {
    if (!listed.has(file)) throw new WeightsError(folder, `${file} is used but not listed with its sha256`);
  }
  return { path: folder, manifest };
}

/** sha256 over the hexadecimal sha256 of the files, in the order of their names. */
export function weightsFingerprint(files: WeightsManifest['files']): string {
  const hash = createHash('sha256');
  for (const { sha256 } of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) hash.update(sha256);
  return hash.digest('hex');
}

async function readManifest(folder: string): Promise<WeightsManifest> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  } catch (error) {
    throw new WeightsError(folder, 'manifest.json is missing or not JSON', { cause: error });
  }
  const parsed = WeightsManifest.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new WeightsError(folder, `manifest.json breaks its contract at ${issue?.path.join('.')}: ${issue?.message}`);
}

async function verifyFile(folder: string, { name, bytes, sha256 }: WeightsManifest['files'][number]): Promise<void> {
  const path = resolve(folder, name);
  if (!path.startsWith(resolve(folder) + sep)) throw new WeightsError(folder, `${name} lies outside`);
  const hash = createHash('sha256');
  let read = 0;
  try {
    await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk);
        read += chunk.length;
      }
    });
  } catch (error) {
    throw new WeightsError(folder, `${name} cannot be read`, { cause: error });
  }
  if (read !== bytes) throw new WeightsError(folder, `${name} has ${read} bytes instead of ${bytes}`);
  if (hash.digest('hex') !== sha256) throw new WeightsError(folder, `${name} is damaged: its sha256 differs`);
}

/** Every graph the manifest names, in every precision, also those that only its own version of the contract knows, and the tokeniser. */
function usedFiles({ graphs, tokenizer }: WeightsManifest): string[] {
  const files = Object.values(graphs).flatMap((graph) => {
    const { file, precisions = {} } = (graph ?? {}) as {
      file?: unknown;
      precisions?: Record<string, { file: string }>;
    };
    const others = Object.values(precisions).map((other) => other.file);
    return typeof file === 'string' ? [file, ...others] : others;
  });
  return [...files, tokenizer.file];
}
