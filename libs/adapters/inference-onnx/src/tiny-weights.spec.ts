import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WeightsManifest } from '@atelier/contracts';
import { describeInference } from '@atelier/ports/conformance';
import { describe, expect, it } from 'vitest';
import { OnnxInference } from './index.js';

/** The committed small weights, through the real graphs. */
const TINY = fileURLToPath(new URL('../../../../gpu-runtime/weights/tiny', import.meta.url));
const { graphs } = JSON.parse(readFileSync(join(TINY, 'manifest.json'), 'utf8')) as WeightsManifest;
const DAY = 'flat. desert at day <v0>. cactus <x32><y36><s32>.';
const NIGHT = 'flat. desert at night <v0>. cactus <x32><y36><s32>.';

describeInference('onnx, tiny weights', () => OnnxInference.open(TINY), {
  caption: DAY,
  otherCaption: NIGHT,
  references: graphs.referenceEncoder !== undefined,
  scoring: graphs.checker !== undefined,
});

describe('tiny weights', () => {
  it('draw the same bytes on one thread and on two', async () => {
    const draw = async (threads: number) => {
      const engine = await OnnxInference.open(TINY, { threads });
      const { manifest } = engine.describe();
      const { latents } = await engine.denoise({
        task: 'text-to-image',
        plans: [{ caption: DAY, layout: [] }],
        references: [],
        size: manifest.defaultSize,
        seed: 7,
        steps: 8,
        guidance: 1,
      });
      await engine.close();
      return latents;
    };
    expect(await draw(2)).toEqual(await draw(1));
  });
});
