import { describe, expect, it } from 'vitest';
import { cpuClass, engineFingerprint } from './engine-fingerprint.js';

const parts = { weightsFingerprint: 'f'.repeat(64), precision: 'fp32', threads: 1 };

describe('an engine fingerprint', () => {
  it('is stable, and changes with weights, precision and threads', () => {
    const all = [
      parts,
      { ...parts },
      { ...parts, weightsFingerprint: 'a'.repeat(64) },
      { ...parts, precision: 'int8' },
      { ...parts, threads: 2 },
    ].map(engineFingerprint);
    expect(all[1]).toBe(all[0]);
    expect(new Set(all).size).toBe(4);
  });

  it('tells processors apart by the instruction sets that choose other kernels, not by their names', () => {
    const info = (model: string, flags: string) => `processor\t: 0\nmodel name\t: ${model}\nflags\t\t: ${flags}\n`;
    const first = cpuClass(info('A', 'fpu sse2 avx avx2 fma'));
    expect(cpuClass(info('B', 'fpu avx2 avx sse2'))).toBe(first);
    expect(cpuClass(info('A', 'fpu avx avx2 avx512f avx512_vnni'))).not.toBe(first);
  });
});
