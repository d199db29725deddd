import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WeightsManifest } from '@atelier/contracts';
import { z } from 'zod';
import { drawableVocabulary, Vocabulary } from './vocabulary.js';

/** Every word for everything that weights may be trained on; the path is the same from `src` and from `dist`. */
const SHIPPED_VOCABULARY = fileURLToPath(new URL('../../../../gpu-runtime/assets/vocabulary.json', import.meta.url));

/** What a manifest may say beyond the contract: ids beside the caption words, and the layout grid of its training. */
const ManifestVocabulary = z.looseObject({
  concepts: z.array(z.string()),
  conceptIds: z.array(z.string()).optional(),
  sides: z.array(z.number().int().positive()).min(1).optional(),
  snap: z.number().int().positive().optional(),
  variants: z.number().int().positive().optional(),
  maxObjects: z.number().int().positive().optional(),
});

/** The words that the weights know, with their synonyms in both languages and the grid that layouts must keep. */
export async function readVocabulary(manifest: WeightsManifest, weightsDir?: string): Promise<Vocabulary> {
  const { file } = manifest.vocabulary;
  const path = file !== undefined && weightsDir !== undefined ? join(weightsDir, file) : SHIPPED_VOCABULARY;
  const all = Vocabulary.parse(JSON.parse(await readFile(path, 'utf8')));
  const own = ManifestVocabulary.parse(manifest.vocabulary);
  const { styles, places, times, colours } = manifest.vocabulary;
  const concepts = own.conceptIds ?? own.concepts;
  const drawable = drawableVocabulary(all, { concepts, styles, places, times, colours });
  return {
    ...drawable,
    sides: own.sides ?? drawable.sides,
    snap: own.snap ?? drawable.snap,
    variants: own.variants ?? drawable.variants,
    maxObjects: own.maxObjects ?? drawable.maxObjects,
  };
}
