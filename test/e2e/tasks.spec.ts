import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ImageDatum, type ImageEditBody, type ImageResponse } from '@atelier/client-sdk';
import { type EmbeddedPlatform, findWeights, startEmbedded } from '@atelier/embedded';
import { FakeInference } from '@atelier/inference-fake';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const EDGE_PX = 64;
const TASKS = ['text-to-image', 'recolour', 'style', 'identity', 'compose', 'edges', 'sketch', 'mask', 'storyboard'];

/** Real: the whole platform. Stands in: the engine, since the weights at hand know fewer tasks. */
describe('tasks of several pictures', () => {
  let folder: string;
  let platform: EmbeddedPlatform;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atelier-tasks-'));
    const size = { widthPx: EDGE_PX, heightPx: EDGE_PX };
    const { limits } = new FakeInference().describe().manifest;
    const inference = new FakeInference({
      manifest: {
        sizes: [size],
        defaultSize: size,
        limits: { ...limits, maxReferences: 4, maxOutputs: 3 },
        tasks: TASKS.map((name, id) => ({ name, id, trained: true })),
      },
    });
    platform = await startEmbedded({
      dataDir: folder,
      weightsDir: await findWeights('tiny'),
      inference,
      selfCheck: false,
    });
    await platform.ready;
  });
  afterAll(async () => {
    await platform?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const client = () => createClient({ baseUrl: platform.url });
  const picture = async (level: number): Promise<Blob> => {
    const pixels = Buffer.from(Array.from({ length: EDGE_PX * EDGE_PX * 3 }, (_, index) => (index * 7 + level) % 256));
    const image = sharp(pixels, { raw: { width: EDGE_PX, height: EDGE_PX, channels: 3 } });
    return new Blob([new Uint8Array(await image.png().toBuffer())]);
  };
  /** `expand_prompt` off: the captions of these tasks are prompt expansion's own matter. */
  const edit = (body: Partial<ImageEditBody> & Pick<ImageEditBody, 'images'>): Promise<ImageResponse> =>
    client().editImages({ prompt: 'a red apple', seed: 7, expand_prompt: 'off', response_format: 'b64_json', ...body });
  const bytesOf = ({ data }: ImageResponse, index = 0) =>
    Buffer.from((data[index] as ImageDatum).b64_json as string, 'base64');
  const pixelsOf = async (bytes: Buffer | Blob): Promise<Buffer> =>
    sharp(bytes instanceof Blob ? Buffer.from(await bytes.arrayBuffer()) : bytes)
      .removeAlpha()
      .raw()
      .toBuffer();

  it('are encoded one by one, found in the cache one by one, and read in their order', async () => {
    const [a, b, c] = await Promise.all([picture(0), picture(50), picture(100)]);
    const first = await edit({ task: 'compose', images: [a, b] });
    const second = await edit({ task: 'compose', images: [b, c] });
    const swapped = await edit({ task: 'compose', images: [b, a] });
    const encodings = await Promise.all(
      [first, second].map(async ({ job }) => {
        const { runs, references } = await client().getJob(job);
        expect(references?.map(({ role }) => role)).toEqual(['subject', 'subject']);
        return runs
          .filter(({ stage }) => stage === 'reference-encoding')
          .sort((x, y) => (x.reference ?? 0) - (y.reference ?? 0))
          .map(({ reference, cache_hit }) => [reference, cache_hit]);
      }),
    );
    expect(encodings).toEqual([
      [
        [0, false],
        [1, false],
      ],
      [
        [0, true],
        [1, false],
      ],
    ]);
    expect(bytesOf(swapped).equals(bytesOf(first))).toBe(false);
    expect(bytesOf(await edit({ task: 'compose', images: [a, b] })).equals(bytesOf(first))).toBe(true);
  });

  it('draw anew what a mask leaves open, and give back the rest pixel by pixel', async () => {
    const original = await picture(20);
    const rgba = Buffer.alloc(EDGE_PX * EDGE_PX * 4, 255);
    const isOpen = (index: number) => index % EDGE_PX >= 32 && index >= EDGE_PX * 16 && index < EDGE_PX * 48;
    for (let index = 0; index < EDGE_PX * EDGE_PX; index++) if (isOpen(index)) rgba[index * 4 + 3] = 0;
    const png = await sharp(rgba, { raw: { width: EDGE_PX, height: EDGE_PX, channels: 4 } })
      .png()
      .toBuffer();
    const answer = await edit({ images: [original], mask: new Blob([new Uint8Array(png)]) });
    expect(answer).toMatchObject({ task: 'mask', outside_mask: 'exact' });
    const [before, after] = await Promise.all([pixelsOf(original), pixelsOf(bytesOf(answer))]);
    let changed = 0;
    for (let index = 0; index < EDGE_PX * EDGE_PX; index++) {
      const isSame = before.subarray(index * 3, index * 3 + 3).equals(after.subarray(index * 3, index * 3 + 3));
      if (!isOpen(index)) expect(isSame, `pixel ${index}`).toBe(true);
      else if (!isSame) changed += 1;
    }
    expect(changed).toBeGreaterThan(0.8 * 32 * 32);
    // The same as a box gives the same hole; another mask is another picture for the cache too.
    const boxed = await edit({ task: 'mask', images: [original], edit_box: '0.5,0.25,0.5,0.5' });
    expect(bytesOf(boxed).equals(bytesOf(answer))).toBe(true);
    const { runs } = await client().getJob(
      (await edit({ task: 'mask', images: [original], edit_box: '0,0,0.5,0.5' })).job,
    );
    expect(runs.find(({ stage }) => stage === 'reference-encoding')).toMatchObject({ cache_hit: false });
  });

  it('make outlines of a picture, which are another reference than the picture', async () => {
    const original = await picture(70);
    const [map, made] = [
      await edit({ task: 'edges', images: [original] }),
      await edit({ task: 'edges', images: [original], control_from: 'picture' }),
    ];
    expect(bytesOf(made).equals(bytesOf(map))).toBe(false);
    expect((await client().getJob(made.job)).references).toMatchObject([{ role: 'edges', preparation: 'edges' }]);
  });

  it('draw a story jointly: pictures in order, other ones, judged one by one', async () => {
    const story = await client().drawImages({
      task: 'storyboard',
      prompt: 'a dog; an apple and a dog; an apple',
      expand_prompt: 'off',
      response_format: 'b64_json',
      seed: 3,
    });
    expect(story.data.map(({ output, revised_prompt }) => [output, revised_prompt])).toEqual([
      [0, 'a dog'],
      [1, 'an apple and a dog'],
      [2, 'an apple'],
    ]);
    expect(new Set(story.data.map((_, index) => bytesOf(story, index).toString('base64'))).size).toBe(3);
    const job = await client().getJob(story.job);
    expect(job.expansions?.map(({ original }) => original)).toEqual(['a dog', 'an apple and a dog', 'an apple']);
    const denoising = job.runs.filter(({ stage }) => stage === 'denoising');
    expect([denoising.length, job.runs.filter(({ stage }) => stage === 'decoding').length]).toEqual([1, 3]);
  });

  it('start again from pictures that were drawn here, by their links', async () => {
    const drawn = await client().drawImages({ prompt: 'a red apple', expand_prompt: 'off', seed: 1 });
    const link = drawn.data[0]?.url as string;
    const job = await client().createJob({
      prompt: 'a red apple',
      task: 'identity',
      images: [link],
      expand_prompt: 'off',
    });
    expect(job).toMatchObject({ task: 'identity', references: [{ role: 'subject' }] });
    expect((await client().waitForJob(job.id)).status).toBe('succeeded');
  });
});
