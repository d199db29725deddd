import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus } from 'node:os';

/** Instruction sets that choose other kernels, and with them other roundings, in the runtime. Strongest first. */
const KERNEL_FLAGS = ['amx_int8', 'amx_tile', 'avx512_vnni', 'avx512f', 'avx_vnni', 'avx2', 'avx', 'asimddp', 'i8mm'];

/** `x64:avx512_vnni,avx512f,avx2,avx`: machines of one class draw equal bytes. */
export function cpuClass(cpuInfo: string | null = readCpuInfo()): string {
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuInfo ?? '')?.[1]?.split(/\s+/));
  const known = KERNEL_FLAGS.filter((flag) => flags.has(flag));
  return `${arch()}:${known.length > 0 ? known.join() : (cpus()[0]?.model ?? 'unknown')}`;
}

export function runtimeVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('onnxruntime-node/package.json') as { version: string }).version;
}

/** Equal fingerprints promise equal bytes for equal requests. */
export function engineFingerprint(parts: {
  readonly weightsFingerprint: string;
  readonly precision: string;
  readonly threads: number;
}): string {
  const text = JSON.stringify([
    parts.weightsFingerprint,
    `onnxruntime-${runtimeVersion()}`,
    parts.precision,
    cpuClass(),
    parts.threads,
  ]);
  return createHash('sha256').update(text).digest('hex');
}

/** Null on systems without it: the processor's model name stands in. */
function readCpuInfo(): string | null {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return null;
  }
}
