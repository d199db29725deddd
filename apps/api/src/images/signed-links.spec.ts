import { describe, expect, it } from 'vitest';
import { SignedLinks } from './signed-links.js';

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 0, 1, 12, 30);
const links = new SignedLinks(Buffer.alloc(32, 7));

const read = (link: string) => {
  const url = new URL(link, 'http://localhost');
  return {
    key: url.pathname.replace('/v1/images/content/', ''),
    expires: Number(url.searchParams.get('expires')),
    signature: url.searchParams.get('signature') as string,
  };
};

describe('SignedLinks', () => {
  it('accepts its own link for a day and no longer than an hour more', () => {
    const { key, expires, signature } = read(links.sign('a/b.png', NOW));
    expect(links.verify(key, expires, signature, NOW + 24 * HOUR_MS)).toBe(true);
    expect(links.verify(key, expires, signature, NOW + 25 * HOUR_MS)).toBe(false);
  });

  it('keeps the link of a picture the same within an hour, so that caches hold', () => {
    expect(links.sign('a/b.png', NOW)).toBe(links.sign('a/b.png', NOW + 29 * 60_000));
  });

  it.each([
    ['another key', { key: 'a/c.png' }],
    ['a later expiry', { expires: NOW / 1000 + 999_999 }],
    ['a shorter signature', { signature: 'abc' }],
  ])('refuses %s', (_name, change) => {
    const { key, expires, signature } = { ...read(links.sign('a/b.png', NOW)), ...change };
    expect(links.verify(key, expires, signature, NOW)).toBe(false);
  });

  it('refuses what another secret signed', () => {
    const foreign = read(new SignedLinks(Buffer.alloc(32, 8)).sign('a/b.png', NOW));
    expect(links.verify(foreign.key, foreign.expires, foreign.signature, NOW)).toBe(false);
  });
});
