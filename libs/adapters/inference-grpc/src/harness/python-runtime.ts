import { fileURLToPath, pathToFileURL } from 'node:url';
import type { RuntimeCommand } from '../runtime-process.js';

const ROOT = new URL('../../../../../', import.meta.url);
export const TINY_WEIGHTS: string = fileURLToPath(new URL('gpu-runtime/weights/tiny', ROOT));
const FAULTY_RUNTIME = fileURLToPath(new URL('../../fixtures/faulty_runtime.py', import.meta.url));

/** The interpreter that `npm test` made from the pins, or the one that ATELIER_PYTHON names. */
async function python(): Promise<string> {
  if (process.env.ATELIER_PYTHON) return process.env.ATELIER_PYTHON;
  const setup = pathToFileURL(fileURLToPath(new URL('tools/setup/python.mjs', ROOT))).href;
  const { ensurePython } = (await import(/* @vite-ignore */ setup)) as { ensurePython(): Promise<string> };
  return ensurePython();
}

const env = {
  PYTHONPATH: fileURLToPath(new URL('gpu-runtime/src', ROOT)),
  PYTHONDONTWRITEBYTECODE: '1',
  OMP_WAIT_POLICY: 'PASSIVE',
};

/** The real runtime with the committed tiny weights. */
export async function tinyRuntime(...more: string[]): Promise<RuntimeCommand> {
  return {
    program: await python(),
    args: ['-m', 'atelier_runtime.serving', '--weights', TINY_WEIGHTS, '--threads', '1', ...more],
    env,
  };
}

/** The real server around an engine that fails the way a caption asks for (`fixtures/faulty_runtime.py`). */
export async function faultyRuntime(weights: string = TINY_WEIGHTS): Promise<RuntimeCommand> {
  return { program: await python(), args: [FAULTY_RUNTIME, '--weights', weights], env };
}
