import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BadRequestError, createClient, type ImageDatum, type ImageEditBody } from '@atelier/client-sdk';
import { type EmbeddedPlatform, findWeights, startEmbedded } from '@atelier/embedded';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const bytesOf = ({ b64_json }: ImageDatum) => Buffer.from(b64_json as string, 'base64');
const blobOf = (bytes: Buffer) => new Blob([new Uint8Array(bytes)]);

/** Mean absolute difference of two pictures of one size, in levels of 0..255. */
async function distance(a: Buffer, b: Buffer): Promise<number> {
  const [first, second] = await Promise.all([a, b].map((bytes) => sharp(bytes).removeAlpha().raw().toBuffer()));
  const levels = first as Buffer;
  return levels.reduce((sum, level, index) => sum + Math.abs(level - (second as Buffer)[index]!), 0) / levels.length;
}

/** Real: the platform, the tiny weights, which were trained to recolour. */
describe('edits', () => {
  let folder: string;
  let platform: EmbeddedPlatform;
  let picture: Buffer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atelier-edits-'));
    platform = await startEmbedded({ dataDir: join(folder, 'data'), weightsDir: await findWeights('tiny') });
    await platform.ready;
    const drawn = await client().drawImages({
      prompt: 'a red apple and a cactus on a table at night',
      seed: 5,
      response_format: 'b64_json',
    });
    picture = bytesOf(drawn.data[0] as ImageDatum);
  });
  afterAll(async () => {
    await platform?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const client = () => createClient({ baseUrl: platform.url });
  const edit = (body: Partial<ImageEditBody> = {}) =>
    client().editImages({
      prompt: 'make the apple blue',
      images: [blobOf(picture)],
      seed: 7,
      response_format: 'b64_json',
      ...body,
    });

  it('start from the picture: the result is nearer to it than another one, follows the words, and repeats', async () => {
    const [blue, again, green] = [await edit(), await edit(), await edit({ prompt: '把苹果变成绿色' })];
    const results = [blue, again, green].map(({ data }) => bytesOf(data[0] as ImageDatum));
    const [first, second, other] = results as [Buffer, Buffer, Buffer];
    expect(second.equals(first)).toBe(true);
    expect(other.equals(first)).toBe(false);
    expect([blue, green].map(({ data }) => data[0]?.revised_prompt)).toEqual([
      'recolour. blue apple.',
      'recolour. green apple.',
    ]);
    const daylight = await client().drawImages({
      prompt: 'a red apple in a meadow',
      seed: 5,
      response_format: 'b64_json',
    });
    const unrelated = bytesOf(daylight.data[0] as ImageDatum);
    const fromUnrelated = await edit({ images: [blobOf(unrelated)] });
    expect(await distance(first, picture)).toBeLessThan(await distance(first, unrelated));
    expect(await distance(bytesOf(fromUnrelated.data[0] as ImageDatum), unrelated)).toBeLessThan(
      await distance(bytesOf(fromUnrelated.data[0] as ImageDatum), picture),
    );
  });

  it('run every stage, encode a picture once, and show that in the job', async () => {
    const fresh = await sharp(picture).negate().png().toBuffer();
    const jobs = [];
    for (const prompt of ['make the apple blue', 'make the cactus yellow']) {
      const { job } = await edit({ prompt, images: [blobOf(fresh)] });
      jobs.push(await client().getJob(job));
    }
    const encodings = jobs.map(({ runs }) => runs.filter(({ stage }) => stage === 'reference-encoding'));
    expect(encodings).toMatchObject([[{ cache_hit: false }], [{ cache_hit: true }]]);
    expect(new Set(jobs[0]?.runs.map(({ stage }) => stage))).toEqual(
      new Set(['prompt-expansion', 'reference-encoding', 'denoising', 'decoding', 'scoring']),
    );
    expect(jobs[0]).toMatchObject({ task: 'recolour', references: [{ role: 'scene' }] });
    const reference = await client().downloadImage(jobs[0]?.references?.[0]?.url as string);
    expect(Buffer.from(reference).equals(fresh)).toBe(true);
    expect(jobs[0]?.samples[0]?.candidates[0]?.answers.map(({ question }) => question)).toEqual([
      'Is there an apple?',
      'Is there a blue apple?',
    ]);
  });

  it('keep the best of several, whose own seed gives it again', async () => {
    const best = (await edit({ best_of: 4 })).data[0] as ImageDatum;
    expect((await edit({ seed: best.seed })).data).toEqual([best]);
  });

  it('bring another size to the nearest supported one and say so', async () => {
    const large = await sharp(picture).resize(640, 320, { fit: 'fill' }).jpeg().toBuffer();
    const { size, warnings } = await edit({ images: [blobOf(large)] });
    expect(size).toBe('64x64');
    expect(warnings).toMatchObject([{ code: 'picture_resized', param: 'image' }]);
  });

  it.each(['make the apple bigger', 'remove the cactus', 'make the dog blue'])(
    'say for "%s" what can be said, and draw nothing',
    async (prompt) => {
      const failure = await edit({ prompt }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(BadRequestError);
      expect(failure).toMatchObject({ code: 'edit_not_understood', stage: 'prompt-expansion' });
      expect((failure as Error).message).toMatch(/Things: apple, .*Colours: red, /);
      const job = await client().getJob((failure as { job: string }).job);
      expect(job.status).toBe('rejected');
    },
  );

  it('of a picture that only looks like one are refused as invalid', async () => {
    const half = await sharp(Buffer.alloc(64 * 64 * 3, 7), { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    half.fill(0, 45, half.length - 12);
    await expect(edit({ images: [blobOf(half)] })).rejects.toMatchObject({ code: 'invalid_image' });
  });

  it('are a clear 400 with weights that were not trained for any', async () => {
    const weightsDir = join(folder, 'weights');
    await cp(await findWeights('tiny'), weightsDir, { recursive: true });
    const manifest = JSON.parse(await readFile(join(weightsDir, 'manifest.json'), 'utf8'));
    for (const task of manifest.tasks) task.trained = task.name === 'text-to-image';
    manifest.limits.maxReferences = 0;
    await writeFile(join(weightsDir, 'manifest.json'), JSON.stringify(manifest));
    const other = await startEmbedded({ dataDir: join(folder, 'untrained'), weightsDir, selfCheck: false });
    try {
      await other.ready;
      const failure = createClient({ baseUrl: other.url }).editImages({
        prompt: 'make the apple blue',
        images: [blobOf(picture)],
      });
      await expect(failure).rejects.toMatchObject({ code: 'unsupported_task', param: 'image', status: 400 });
    } finally {
      await other.stop();
    }
  }, 60_000);
});
