import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WeightsManifest } from '@atelier/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWeightsFolder, WeightsError } from './index.js';

const MINIATURE = fileURLToPath(new URL('../fixtures/miniature', import.meta.url));

describe('a weights folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weights-'));
    await cp(MINIATURE, folder, { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Rewrites the manifest. */
  async function change(edit: (manifest: WeightsManifest) => void): Promise<void> {
    const path = join(folder, 'manifest.json');
    const manifest = JSON.parse(await readFile(path, 'utf8')) as WeightsManifest;
    edit(manifest);
    await writeFile(path, JSON.stringify(manifest));
  }

  it('that is whole opens with its manifest', async () => {
    expect((await openWeightsFolder(folder)).manifest.name).toBe('miniature');
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['without a manifest', () => rm(join(folder, 'manifest.json')), /manifest.json is missing/],
    ['with a broken manifest', () => writeFile(join(folder, 'manifest.json'), '{"schemaVersion":1'), /not JSON/],
    ['with a manifest that breaks its contract', () => change((m) => Object.assign(m, { sizes: [] })), /at sizes/],
    ['without one of its files', () => rm(join(folder, 'step.onnx')), /step.onnx cannot be read/],
    ['with a file that is cut off', () => truncate(join(folder, 'step.onnx'), 100), /has 100 bytes instead of/],
    [
      'with a file of which one bit changed',
      async () => {
        const bytes = await readFile(join(folder, 'step.onnx'));
        bytes[200] = (bytes[200] as number) ^ 1;
        await writeFile(join(folder, 'step.onnx'), bytes);
      },
      /step.onnx is damaged/,
    ],
    [
      'with the fingerprint of other files',
      () => change((m) => Object.assign(m, { fingerprint: 'a'.repeat(64) })),
      /fingerprint/,
    ],
    ['with a file outside', () => change((m) => Object.assign(m.files[0] as object, { name: '../x' })), /lies outside/],
    [
      'with a graph that is not listed',
      () => change((m) => Object.assign(m.graphs, { checker: { file: 'other.onnx' } })),
      /other.onnx is used but not listed/,
    ],
    [
      'with a graph of another precision that is not listed',
      () => change((m) => Object.assign(m.graphs.step, { precisions: { int8: { file: 'other_int8.onnx' } } })),
      /other_int8.onnx is used but not listed/,
    ],
  ])('%s is refused with the reason', async (_, damage, reason) => {
    await damage();
    const opening = openWeightsFolder(folder);
    await expect(opening).rejects.toBeInstanceOf(WeightsError);
    await expect(opening).rejects.toThrow(reason);
  });
});
