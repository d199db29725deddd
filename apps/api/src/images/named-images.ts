import { BlobKeyError, BlobNotFoundError } from '@atelier/ports';
import { ApiError } from '../http/api-error.js';
import type { RouteContext, UploadedFile } from '../http/route.js';
import { IMAGE_CONTENT_PATH } from './signed-links.js';

/**
 * Pictures that a JSON body names as if they had come with a form: data URLs, or links that this installation signed.
 * Errors: `invalid_image`, `link_expired`, `image_not_found`.
 */
export function namedImages(
  { images = [], mask }: { readonly images?: readonly string[] | undefined; readonly mask?: string | undefined },
  context: Pick<RouteContext, 'deps'>,
): Promise<UploadedFile[]> {
  const named = images.map((text): [string, string] => ['image', text]);
  const all = mask === undefined ? named : [...named, ['mask', mask] as [string, string]];
  return Promise.all(
    all.map(async ([field, text]) => ({ field, filename: field, bytes: await bytesOf(text, field, context) })),
  );
}

async function bytesOf(text: string, param: string, { deps }: Pick<RouteContext, 'deps'>): Promise<Uint8Array> {
  const data = /^data:image\/[a-z.+-]{1,20};base64,([A-Za-z0-9+/_-]+=*)$/.exec(text);
  if (data) return Buffer.from(data[1] as string, 'base64');
  const link = signedLink(text);
  if (!link) {
    const message = `"${param}" must be a data URL of a picture, or a link to a picture that was drawn here.`;
    throw new ApiError('invalid_image', { param, message });
  }
  if (!deps.links.verify(link.key, link.expires, link.signature, deps.clock.now())) {
    throw new ApiError('link_expired', { param });
  }
  try {
    return await deps.blobs.get(link.key);
  } catch (error) {
    if (!(error instanceof BlobNotFoundError || error instanceof BlobKeyError)) throw error;
    throw new ApiError('image_not_found', { param });
  }
}

/** Whatever origin the link begins with: its signature is what counts. */
function signedLink(text: string): { key: string; expires: number; signature: string } | null {
  const url = URL.parse(text, 'http://localhost');
  if (!url?.pathname.startsWith(IMAGE_CONTENT_PATH)) return null;
  const expires = Number(url.searchParams.get('expires'));
  const signature = url.searchParams.get('signature') ?? '';
  return { key: decodedOrRaw(url.pathname.slice(IMAGE_CONTENT_PATH.length)), expires, signature };
}

function decodedOrRaw(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
