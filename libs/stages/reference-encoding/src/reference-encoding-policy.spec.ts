import { MemoryReferenceCache } from '@atelier/cache-memory';
import { decodeSafetensors, type ReferenceEncodingInput, tensorNamed } from '@atelier/contracts';
import { FakeInference } from '@atelier/inference-fake';
import { FakeClock, MemoryBlobs, stageContext } from '@atelier/testing';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createReferenceEncodingPolicy, decodeReferenceImage, MAX_IMAGE_BYTES } from './index.js';

const SIZE = { widthPx: 32, heightPx: 32 };
const solid = (width: number, height: number, background = { r: 200, g: 100, b: 50, alpha: 1 }) =>
  sharp({ create: { width, height, channels: 4, background } });

describe('a reference image', () => {
  it.each(['png', 'jpeg', 'webp', 'avif'] as const)('as %s becomes RGB of the asked size', async (format) => {
    const { rgb, widthPx, heightPx } = await decodeReferenceImage(
      await solid(80, 50).toFormat(format).toBuffer(),
      SIZE,
    );
    expect([widthPx, heightPx, rgb.length]).toEqual([32, 32, 32 * 32 * 3]);
    for (const [channel, level] of [200, 100, 50].entries()) {
      expect(Math.abs((rgb[channel] as number) - level)).toBeLessThan(6);
    }
  });

  it('that is grey becomes RGB, and transparency becomes white', async () => {
    const grey = await solid(40, 40).greyscale().png().toBuffer();
    expect((await decodeReferenceImage(grey, SIZE)).rgb).toHaveLength(32 * 32 * 3);
    const clear = await solid(40, 40, { r: 0, g: 0, b: 0, alpha: 0 }).png().toBuffer();
    expect(new Set((await decodeReferenceImage(clear, SIZE)).rgb)).toEqual(new Set([255]));
  });

  it('is turned upright by its EXIF orientation', async () => {
    const left = await solid(20, 40, { r: 255, g: 0, b: 0, alpha: 1 }).png().toBuffer();
    const picture = solid(40, 40, { r: 0, g: 0, b: 255, alpha: 1 }).composite([{ input: left, left: 0, top: 0 }]);
    const turned = await picture.jpeg({ quality: 100 }).withMetadata({ orientation: 3 }).toBuffer();
    const { rgb } = await decodeReferenceImage(turned, SIZE);
    expect([rgb[0], rgb[2]].map((level) => (level as number) > 128)).toEqual([false, true]);
  });

  it.each([
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['a GIF', Buffer.from('GIF89a\x01\x00\x01\x00')],
    ['a TIFF', Buffer.from('II*\x00')],
    ['text', Buffer.from('hello')],
    ['nothing', Buffer.alloc(0)],
    ['a PNG signature with noise behind it', Buffer.from('\x89PNG\r\n\x1a\nnoise', 'latin1')],
  ])('that is %s is refused as invalid', async (_, bytes) => {
    await expect(decodeReferenceImage(bytes, SIZE)).rejects.toMatchObject({
      errorClass: 'invalid',
      code: 'invalid_image',
    });
  });

  it('that is cut off is refused as invalid', async () => {
    const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, index) => (index * 7919) % 251));
    const png = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    const half = png.subarray(0, png.length / 2);
    await expect(decodeReferenceImage(half, SIZE)).rejects.toMatchObject({ code: 'invalid_image' });
  });

  it('beyond the limits of bytes or pixels is refused as too large', async () => {
    const bytes = Buffer.alloc(MAX_IMAGE_BYTES + 1);
    await expect(decodeReferenceImage(bytes, SIZE)).rejects.toMatchObject({ code: 'image_too_large' });
    const bomb = await sharp({ create: { width: 9_000, height: 9_000, channels: 3, background: '#000' } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    await expect(decodeReferenceImage(bomb, SIZE)).rejects.toMatchObject({ code: 'image_too_large' });
  });
});

describe('reference-encoding', () => {
  /** The policy on the stand-in engine, with a blob of one picture; encoding K/V takes a second of fake time. */
  async function encoding() {
    const clock = new FakeClock();
    const blobs = new MemoryBlobs();
    const cache = new MemoryReferenceCache({ capacityBytes: 1 << 20, clock });
    const inference = new FakeInference();
    const encodeReference = inference.encodeReference.bind(inference);
    inference.encodeReference = async (...given) => {
      await clock.advance(1_000);
      return encodeReference(...given);
    };
    const blob = await blobs.put('picture', await solid(64, 64).png().toBuffer(), { contentType: 'image/png' });
    const input = (overrides: Partial<ReferenceEncodingInput> = {}): ReferenceEncodingInput => ({
      referenceIndex: 1,
      reference: { blob, role: 'subject', weight: 1 },
      size: SIZE,
      ...overrides,
    });
    const policy = createReferenceEncodingPolicy({ inference, blobs, cache, clock });
    return { policy, input, inference, blobs, cache };
  }

  it('writes the latents as a blob and the K/V into the cache of its tenant', async () => {
    const { policy, input, blobs, cache } = await encoding();
    const result = await policy.execute(input(), stageContext());
    expect(result).toMatchObject({ referenceIndex: 1, cacheHit: false });
    const latents = tensorNamed(decodeSafetensors(await blobs.get(result.latents.key)), 'latents');
    expect(latents.shape).toEqual([4, 4, 4]);
    const kv = decodeSafetensors((await cache.get('ten_default', result.cacheKey)) as Uint8Array);
    expect(tensorNamed(kv, 'kv').shape).toEqual([1, 2, 1, 16, 4]);
    expect(await cache.get('ten_other', result.cacheKey)).toBeNull();
  });

  it('encodes nothing of a picture that the cache holds, and hands on the same latents', async () => {
    const { policy, input, inference, blobs } = await encoding();
    const first = await policy.execute(input(), stageContext());
    const again = await policy.execute(input(), { ...stageContext(), blobPrefix: 'again' });
    expect([again.cacheHit, inference.calls.encode, inference.calls.encodeReference]).toEqual([true, 1, 1]);
    expect(await blobs.get(again.latents.key)).toEqual(await blobs.get(first.latents.key));
  });

  it('does not even read a picture that the cache knows, unless a hole in it says what is kept', async () => {
    const { policy, input, blobs } = await encoding();
    const hole = { kind: 'hole', box: { x: 0, y: 0, width: 0.5, height: 0.5 } } as const;
    const holed = input({ reference: { ...input().reference, preparation: hole } });
    await policy.execute(input(), stageContext());
    const first = await policy.execute(holed, { ...stageContext(), blobPrefix: 'hole' });
    const again = await policy.execute(holed, { ...stageContext(), blobPrefix: 'hole-again' });
    expect([first.cacheHit, again.cacheHit, again.kept?.sha256]).toEqual([false, true, first.kept?.sha256]);
    expect(again.kept).toBeDefined();
    await blobs.delete('picture');
    expect((await policy.execute(input(), { ...stageContext(), blobPrefix: 'unread' })).cacheHit).toBe(true);
    await expect(policy.execute(holed, { ...stageContext(), blobPrefix: 'hole-gone' })).rejects.toThrow('not found');
  });

  it('encodes again what the cache holds in a form that it cannot read', async () => {
    const { policy, input, inference, cache } = await encoding();
    const { cacheKey } = await policy.execute(input(), stageContext());
    await cache.put('ten_default', cacheKey, new Uint8Array(40), { recomputeMs: 1_000 });
    const again = await policy.execute(input(), { ...stageContext(), blobPrefix: 'again' });
    expect([again.cacheHit, inference.calls.encode]).toEqual([false, 2]);
  });

  it('shares K/V between slots and roles, and keeps those of another size apart', async () => {
    const { policy, input } = await encoding();
    const [slot, role] = [input({ referenceIndex: 0 }), input()];
    role.reference.role = 'edit';
    const keys = await Promise.all(
      [input(), slot, role, input({ size: { widthPx: 64, heightPx: 32 } })].map(
        async (given, index) => (await policy.execute(given, { ...stageContext(), blobPrefix: `p${index}` })).cacheKey,
      ),
    );
    expect(keys.map((key) => keys.indexOf(key))).toEqual([0, 0, 0, 3]);
  });
});
