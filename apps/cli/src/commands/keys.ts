import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from '../command.js';
import { EXIT, type ExitCode, UsageError } from '../exit-codes.js';

const KEYS_MAIN = fileURLToPath(new URL('../../../embedded/dist/keys.js', import.meta.url));

export const keys: Command = {
  name: 'keys',
  usage: 'keys create --tenant NAME [--label TEXT] [--weight N] | keys list --tenant NAME   [--json]',
  summary: 'create and list API keys of the local platform',
  async run({ args, environment }) {
    if (args[0] !== 'create' && args[0] !== 'list') throw new UsageError(`usage: atelier ${keys.usage}`);
    if (environment.ATELIER_URL) {
      throw new UsageError('keys are made where the data folder is; unset ATELIER_URL and run this on that machine');
    }
    return runKeys(args, environment);
  },
};

/** Keys are made by the owner of the data folder, not over the public API: the platform's own tool does it. */
function runKeys(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [KEYS_MAIN, ...args], { env: environment, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve((code ?? EXIT.failed) as ExitCode));
  });
}
