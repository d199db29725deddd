/**
 * Gaussian noise that is the same number for number in every language with IEEE 754 doubles.
 *
 * - Random bits: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011)
 *   with key = (seed, 0) and counter = (block, output index, 0, 0), block = 0, 1, 2 ...; each block gives four words.
 * - Normals: Box-Muller, two per pair of words (a, b): r = sqrt(-2 ln((a + 1/2) / 2^32)), angle = 2 pi b / 2^32,
 *   first r cos(angle), then r sin(angle). Words 0, 1 make the first pair, words 2, 3 the second.
 * - Logarithm, sine and cosine are the series below, of +, -, * and / alone: library functions differ in the last bit
 *   from one runtime to the next. The results are rounded to float32 once, at the end.
 */
export function gaussianNoise(seed: number, outputIndex: number, length: number): Float32Array {
  const noise = new Float32Array(length);
  for (let at = 0, block = 0; at < length; at += 4, block++) {
    const words = philox4x32([block, outputIndex, 0, 0], [seed, 0]);
    for (let pair = 0; pair < 4; pair += 2) {
      const radius = Math.sqrt(-2 * naturalLogarithm(((words[pair] as number) + 0.5) / 2 ** 32));
      const [sine, cosine] = sineAndCosine(words[pair + 1] as number);
      noise[at + pair] = radius * cosine;
      noise[at + pair + 1] = radius * sine;
    }
  }
  return noise;
}

type Words4 = readonly [number, number, number, number];

/** Ten rounds of Philox with four 32-bit words. */
export function philox4x32(counter: Words4, key: readonly [number, number]): Words4 {
  let [c0, c1, c2, c3] = counter.map((word) => word >>> 0) as [number, number, number, number];
  let [k0, k1] = [key[0] >>> 0, key[1] >>> 0];
  for (let round = 0; round < 10; round++) {
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high0 = highWord(0xd2511f53, c0);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    const high1 = highWord(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Upper 32 bits of the product of two 32-bit words. */
function highWord(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + (carry >>> 16)) >>> 0;
}

/** ln x for 0 < x <= 1: x = m 2^e with m in sqrt(1/2)..sqrt(2), ln m = 2 artanh((m - 1) / (m + 1)) by 12 terms. */
function naturalLogarithm(x: number): number {
  let [mantissa, exponent] = [x, 0];
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent -= 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let series = 0;
  for (let n = 23; n >= 1; n -= 2) series = series * square + 1 / n;
  return exponent * Math.LN2 + 2 * s * series;
}

/** Sine and cosine of 2 pi word / 2^32: the two upper bits give the quadrant, the rest an angle in 0..pi/2. */
function sineAndCosine(word: number): [number, number] {
  const quadrant = word >>> 30;
  const angle = ((word & 0x3fffffff) / 2 ** 30) * (Math.PI / 2);
  const square = angle * angle;
  let [sine, cosine] = [0, 0];
  for (let n = 21; n >= 1; n -= 2) sine = 1 - (sine * square) / ((n + 1) * (n + 2));
  for (let n = 20; n >= 0; n -= 2) cosine = 1 - (cosine * square) / ((n + 1) * (n + 2));
  sine *= angle;
  if (quadrant === 0) return [sine, cosine];
  if (quadrant === 1) return [cosine, -sine];
  if (quadrant === 2) return [-sine, -cosine];
  return [-cosine, sine];
}
