import { createHash } from 'node:crypto';
import type { BlobRef, Size } from '@atelier/contracts';
import { ApiError } from '../http/api-error.js';
import type { RouteContext, UploadedFile } from '../http/route.js';
import { type SniffedImage, sniffImage } from './image-bytes.js';

const MAX_IMAGES = 16;
const DAY_MS = 86_400_000;
/** Uploaded pictures live as long as results do unless the composition root says otherwise. */
const DEFAULT_UPLOAD_TTL_MS = 30 * DAY_MS;

/** A picture that came with a form, read as far as its header. */
export interface UploadedImage extends Size {
  readonly format: SniffedImage['format'];
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** The pictures of the fields `image` and `image[]`, in order. Errors: `missing_parameter`, `invalid_image` and others. */
export function uploadedImages(files: readonly UploadedFile[]): UploadedImage[] {
  const images = files.filter(({ field }) => field === 'image' || field === 'image[]');
  if (images.length === 0) throw new ApiError('missing_parameter', { param: 'image', message: '"image" is required.' });
  if (images.length > MAX_IMAGES) {
    throw new ApiError('invalid_parameter', { param: 'image', message: `At most ${MAX_IMAGES} images are accepted.` });
  }
  return images.map(({ bytes, field }) => ({
    ...sniffImage(bytes, field),
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
}

/**
 * Stores pictures where the workers find them. The key follows from tenant, day and content, so that a repeated request
 * writes nothing new; the day is in it because an object that is there already keeps its own end of life.
 */
export async function storePictures(
  images: readonly Pick<UploadedImage, 'bytes' | 'format' | 'sha256'>[],
  { deps, tenantId }: Pick<RouteContext, 'deps' | 'tenantId'>,
): Promise<BlobRef[]> {
  const now = deps.clock.now();
  const day = new Date(now).toISOString().slice(0, 10);
  const expiresAt = (Math.floor(now / DAY_MS) + 1) * DAY_MS + (deps.uploadTtlMs ?? DEFAULT_UPLOAD_TTL_MS);
  return Promise.all(
    images.map(async ({ bytes, format, sha256 }) => {
      const key = `${tenantId}/references/${day}/${sha256}.${format}`;
      return deps.blobs.put(key, bytes, { contentType: `image/${format}`, expiresAt });
    }),
  );
}
