// Prints what prompt expansion makes of a list of prompts, as one JSON object id -> caption, null for what it refuses.
//
//   npm run -s bench -- captions gpu-runtime/evaluation/prompts-48.json gpu-runtime/weights/atelier-laptop > captions.json
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PromptExpansionInput, WeightsManifest } from '@atelier/contracts';
import { expandPrompt, PromptNotDrawableError, readVocabulary } from '@atelier/stage-prompt-expansion';

const SEED = 7;
const [promptsFile, weightsDir] = process.argv.slice(2);
if (!promptsFile || !weightsDir) {
  process.stderr.write('usage: captions PROMPTS.json WEIGHTS_FOLDER\n');
  process.exit(2);
}

const { prompts } = JSON.parse(await readFile(promptsFile, 'utf8')) as { prompts: { id: string; text: string }[] };
const manifest = WeightsManifest.parse(JSON.parse(await readFile(path.join(weightsDir, 'manifest.json'), 'utf8')));
const vocabulary = await readVocabulary(manifest, weightsDir);

const captions: Record<string, string | null> = {};
for (const { id, text } of prompts) {
  const input = PromptExpansionInput.parse({
    task: 'text-to-image',
    prompts: [text],
    outputs: 1,
    samples: 1,
    seed: SEED,
    size: manifest.defaultSize,
    expandPrompt: 'auto',
    references: [],
    layout: [],
  });
  try {
    captions[id] = expandPrompt(input, vocabulary).plans[0]?.[0]?.caption ?? null;
  } catch (error) {
    // A prompt of which nothing can be drawn is answered with a 400; it belongs on the sheet as refused.
    if (!(error instanceof PromptNotDrawableError)) throw error;
    process.stderr.write(`${id}: ${error.message}\n`);
    captions[id] = null;
  }
}
process.stdout.write(`${JSON.stringify(captions, null, 2)}\n`);
