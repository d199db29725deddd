import { createHmac, timingSafeEqual } from 'node:crypto';

const HOUR_MS = 3_600_000;

/** Path under which picture bytes are served. */
export const IMAGE_CONTENT_PATH = '/v1/images/content/';

/**
 * Links to pictures that carry their own permission: HMAC-SHA256 over blob key and expiry. A link works for a day at
 * least; its expiry falls on a full hour, so that the same picture keeps the same link, and its place in browser
 * caches, for an hour.
 */
export class SignedLinks {
  /** @param secret at least 32 bytes, the same in every process that serves or signs */
  constructor(
    private readonly secret: Uint8Array,
    private readonly ttlMs: number = 24 * HOUR_MS,
  ) {
    if (secret.byteLength < 32) throw new RangeError('the secret for links needs at least 32 bytes');
  }

  /** Path and query, without origin. `filename` is what a browser would save it as. */
  sign(key: string, nowMs: number): string {
    const expires = Math.ceil((nowMs + this.ttlMs) / HOUR_MS) * (HOUR_MS / 1000);
    return `${IMAGE_CONTENT_PATH}${key}?expires=${expires}&signature=${this.signature(key, expires)}`;
  }

  /** True when the signature fits and the link has not expired. */
  verify(key: string, expires: number, signature: string, nowMs: number): boolean {
    const expected = Buffer.from(this.signature(key, expires));
    const given = Buffer.from(signature);
    return expected.byteLength === given.byteLength && timingSafeEqual(expected, given) && expires * 1000 > nowMs;
  }

  private signature(key: string, expires: number): string {
    return createHmac('sha256', this.secret).update(`${expires}\n${key}`).digest('base64url');
  }
}
