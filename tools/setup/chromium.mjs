// The browser that the browser tests drive.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { runQuietly, SetupError, say } from './workspace.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Path of an installed Chromium; `CHROMIUM_PATH` names another one. Null if there is none. */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : null;
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))).find(existsSync) ?? null;
}

/** Installs Debian's package where none is found and we may. */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!mayInstall) throw new SetupError('The browser tests need Chromium: install it or name it in CHROMIUM_PATH.');
  say('Installing Chromium ...');
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await runQuietly('apt-get update', 'apt-get', ['update', '-q'], options);
  const packages = ['chromium', 'fonts-liberation', 'fonts-noto-cjk'];
  await runQuietly('apt-get install', 'apt-get', ['install', '-qy', '--no-install-recommends', ...packages], options);
  const installed = findChromium();
  if (!installed) throw new SetupError('Chromium was installed but is not found.');
  return installed;
}
