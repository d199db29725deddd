// One picture of the default weights from request to image file, nothing else waiting.
import { basename } from 'node:path';
import { findWeights } from '@atelier/embedded';
import { correctnessGate, withPlatform } from './report/bench-platform.ts';
import { percentile, publish, rounded } from './report/result-file.ts';

const REPEATS = 10;
const WARM_UP = 2;
/** The stated goal is for 8 steps or more. */
const LEAST_STEPS = 8;

// Fails with a sentence that names the missing file where the weights are not there.
const weightsDir = await findWeights();
await withPlatform(weightsDir, async (platform, client) => {
  const { manifest, precision } = platform.inference.describe();
  const steps = Math.max(LEAST_STEPS, manifest.steps.default);
  const { widthPx, heightPx } = manifest.defaultSize;
  const body = {
    prompt: 'a red apple to the left of a dog',
    size: `${widthPx}x${heightPx}`,
    steps,
    response_format: 'url',
  } as const;
  await correctnessGate(client, { ...body, seed: 7 });
  for (let seed = 0; seed < WARM_UP; seed += 1) await client.drawImages({ ...body, seed });
  const seconds: number[] = [];
  for (let seed = 0; seed < REPEATS; seed += 1) {
    const startedMs = performance.now();
    const { data } = await client.drawImages({ ...body, seed: 100 + seed });
    await client.downloadImage(data[0]?.url as string);
    seconds.push((performance.now() - startedMs) / 1000);
  }
  publish('draw', {
    seconds_p50: rounded(percentile(seconds, 0.5), 3),
    seconds_min: rounded(Math.min(...seconds), 3),
    size_px: widthPx,
    steps,
    precision,
    weights: basename(weightsDir),
  });
});
