import { BlobKeyError, BlobNotFoundError } from '@atelier/ports';
import { z } from 'zod';
import { ApiError } from '../../http/api-error.js';
import { defineRoute } from '../../http/route.js';
import { parseRange } from './byte-range.js';

export const getImageContent = defineRoute({
  method: 'GET',
  path: '/v1/images/content/*',
  operationId: 'getImageContent',
  tag: 'Images',
  summary: "Read a picture's bytes by its signed link",
  description: 'Links come from other answers; they carry their own permission and expire. Content never changes.',
  auth: 'none',
  params: z.object({ '*': z.string().min(1).max(512) }),
  query: z.object({
    /** Epoch seconds. */
    expires: z.coerce.number().int().positive().max(9_999_999_999),
    signature: z.string().min(1).max(100),
  }),
  headers: [
    { name: 'Range', description: 'One byte range, `bytes=first-last`.' },
    { name: 'If-None-Match', description: 'ETag of a copy the caller holds.' },
  ],
  answers: {
    200: { description: 'The picture.', contentType: 'image/*' },
    206: { description: 'The bytes asked for.', contentType: 'image/*' },
    304: { description: 'The copy is still good: it always is.' },
    416: { description: 'The range lies outside of the picture.' },
  },
  errors: ['link_expired', 'image_not_found', 'invalid_parameter'],
  async handle({ deps, params, query, headers }) {
    const key = params['*'];
    const now = deps.clock.now();
    if (!deps.links.verify(key, query.expires, query.signature, now)) throw new ApiError('link_expired');
    const blob = await orNotFound(() => deps.blobs.head(key));
    if (!blob) throw new ApiError('image_not_found');
    const etag = `"${blob.sha256}"`;
    const common = {
      etag,
      'cache-control': `private, immutable, max-age=${Math.max(0, query.expires - Math.floor(now / 1000))}`,
      'accept-ranges': 'bytes',
      'cross-origin-resource-policy': 'cross-origin',
    };
    if (headers['if-none-match']?.includes(etag)) return { status: 304, headers: common };
    const range = parseRange(headers.range, blob.bytes);
    if (range === 'unsatisfiable') {
      return { status: 416, headers: { ...common, 'content-range': `bytes */${blob.bytes}` } };
    }
    const bytes = await orNotFound(() => deps.blobs.get(key, range ?? undefined));
    return {
      status: range ? 206 : 200,
      headers: {
        ...common,
        'content-type': blob.contentType,
        ...(range ? { 'content-range': `bytes ${range.start}-${range.endExclusive - 1}/${blob.bytes}` } : {}),
      },
      bytes,
    };
  },
});

async function orNotFound<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof BlobNotFoundError || error instanceof BlobKeyError) throw new ApiError('image_not_found');
    throw error;
  }
}
