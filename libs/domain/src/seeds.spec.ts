import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidateSeed, mix32 } from './index.js';

const seed32 = fc.nat(2 ** 32 - 1);

describe('candidate seeds', () => {
  it('begin with the seed of the request itself', () => {
    fc.assert(fc.property(seed32, (seed) => candidateSeed(seed, 0, 0) === seed));
  });

  it('are 32-bit and different for all further candidates of a request', () => {
    fc.assert(
      fc.property(seed32, (seed) => {
        const seeds = new Set<number>();
        for (let sample = 0; sample < 10; sample += 1) {
          for (let candidate = 0; candidate < 4; candidate += 1) {
            if (sample + candidate > 0) seeds.add(candidateSeed(seed, sample, candidate));
          }
        }
        expect(seeds.size).toBe(39);
        for (const one of seeds) expect(Number.isInteger(one) && one >= 0 && one < 2 ** 32).toBe(true);
      }),
    );
  });

  it('keep their values for ever: pictures are drawn again by them', () => {
    expect([candidateSeed(7, 0, 1), candidateSeed(7, 1, 0), candidateSeed(7, 9, 3)]).toEqual([
      588_686_121, 2_372_217_166, 4_010_238_097,
    ]);
  });
});

describe('the 32-bit mix', () => {
  it('is the finaliser of MurmurHash3: zero stays zero, and the published avalanche of 1 holds', () => {
    expect(mix32(0)).toBe(0);
    expect(mix32(1)).toBe(0x514e28b7);
  });

  it('changes about half of the output bits for each flipped input bit', () => {
    fc.assert(
      fc.property(seed32, (value) => {
        let flipped = 0;
        for (let bit = 0; bit < 32; bit += 1) flipped += popCount(mix32(value) ^ mix32(value ^ (1 << bit)));
        expect(flipped / 32).toBeGreaterThan(11);
        expect(flipped / 32).toBeLessThan(21);
      }),
    );
  });
});

function popCount(value: number): number {
  let rest = value >>> 0;
  let bits = 0;
  for (; rest > 0; rest >>>= 1) bits += rest & 1;
  return bits;
}
