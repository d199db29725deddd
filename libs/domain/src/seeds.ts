import { LIMITS } from '@atelier/contracts';

/** 2^32 divided by the golden ratio: consecutive multiples spread evenly over 32 bits. */
const GOLDEN_32 = 0x9e3779b9;

/** The 32-bit finaliser of MurmurHash3 (Austin Appleby, public domain): a bijection whose every output bit depends on every input bit. */
export function mix32(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Seed of one candidate. Sample 0, candidate 0 draws with the request's own seed, so that "draw again with this seed"
 * needs no knowledge of indices; every other one with `mix32(seed + index * GOLDEN_32)`, `index = sample * bestOf limit +
 * candidate`: it depends on nothing but the three numbers, so that a higher `n` keeps the pictures of a lower one.
 */
export function candidateSeed(requestSeed: number, sampleIndex: number, candidateIndex: number): number {
  const index = sampleIndex * LIMITS.bestOf + candidateIndex;
  return index === 0 ? requestSeed >>> 0 : mix32(requestSeed + Math.imul(index, GOLDEN_32));
}
