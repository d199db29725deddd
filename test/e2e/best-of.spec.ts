import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ImageDatum, type ImageGenerationBody, type JobSample } from '@atelier/client-sdk';
import { type EmbeddedPlatform, findWeights, startEmbedded } from '@atelier/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Real: the platform, the tiny weights with their checker network. */
describe('scoring and best_of', () => {
  let folder: string;
  let platform: EmbeddedPlatform;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atelier-best-of-'));
    platform = await startEmbedded({ dataDir: folder, weightsDir: await findWeights('tiny') });
    await platform.ready;
  });
  afterAll(async () => {
    await platform?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const client = () => createClient({ baseUrl: platform.url });
  const draw = (body: Partial<ImageGenerationBody>) =>
    client().drawImages({ prompt: 'a red car to the left of a cactus', response_format: 'b64_json', ...body });

  it('says of each asked thing whether it is in the picture, and scores by how sure it is', async () => {
    const { data, job } = await draw({ seed: 7 });
    const { answers, score } = data[0] as ImageDatum;
    expect(answers.map(({ kind, question }) => [kind, question])).toEqual([
      ['present', 'Is there a car?'],
      ['colour', 'Is there a red car?'],
      ['present', 'Is there a cactus?'],
      ['relation', 'Is the red car to the left of the cactus?'],
    ]);
    expect(answers.every(({ holds, confidence }) => holds === confidence >= 0.5)).toBe(true);
    const mean = answers.reduce((sum, { confidence }) => sum + confidence, 0) / answers.length;
    expect(score).toBeCloseTo(mean, 10);
    const { runs } = await client().getJob(job);
    expect(runs.filter(({ stage }) => stage === 'scoring')).toMatchObject([{ state: 'completed' }]);
  });

  it('has nothing to score where nothing was asked that can be seen', async () => {
    const { data, timings } = await draw({ prompt: 'a meadow by day' });
    expect(data).toMatchObject([{ score: null, answers: [] }]);
    expect(timings.stages).not.toHaveProperty('scoring');
  });

  it('keeps the best of four, of each sample, in the answer and in the job', async () => {
    const { data, job } = await draw({ seed: 7, n: 2, best_of: 4 });
    const { samples } = await client().getJob(job);
    for (const [index, { candidates }] of samples.entries()) {
      expect(candidates).toHaveLength(4);
      const scores = candidates.map(({ score }) => score as number);
      expect(new Set(scores).size).toBeGreaterThan(1);
      const best = Math.max(...scores);
      const chosen = candidates.filter((candidate) => candidate.chosen);
      expect(chosen).toMatchObject([{ score: best, index: scores.indexOf(best) }]);
      expect(data[index]).toMatchObject({ score: best, seed: chosen[0]?.seed });
    }
  });

  it('draws the best one again by its own seed: the same bytes, the same plan, the same score', async () => {
    const { data, job } = await draw({ seed: 3, n: 2, best_of: 4 });
    const { samples } = await client().getJob(job);
    // A first candidate would prove nothing: it has the seed of the request or the sample anyway.
    expect(samples.some(({ candidates }) => !candidates[0]?.chosen)).toBe(true);
    for (const [index, datum] of data.entries()) {
      const again = await draw({ seed: datum.seed });
      expect(again.data).toEqual([datum]);
      const { samples: redrawn } = await client().getJob(again.job);
      expect(redrawn[0]?.layout).toEqual((samples[index] as JobSample).layout);
    }
  });
});
