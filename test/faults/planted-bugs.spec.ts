import { describe, expect, it } from 'vitest';
import { EMBEDDED } from './embedded/embedded-platform.ts';
import { HUNTS, hunt } from './hunts.ts';

/** Real: the built platform with one mistake in its code, killed and disturbed like the sound one. */
describe('a platform with a planted bug is found out', { timeout: 300_000 }, () => {
  it.each(HUNTS.map((one) => [one.bug.name, one.suite, one] as const))(
    '%s, by suite %i',
    async (_name, _suite, one) => {
      const { found } = await hunt(EMBEDDED, one);
      expect(found).toBeGreaterThan(0);
    },
  );
});
