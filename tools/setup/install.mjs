// Installs the dependencies exactly as the lock file says, and only when they are not there yet.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, runQuietly, say } from './workspace.mjs';

/** @param {string} root folder with package.json and package-lock.json */
export async function ensureInstalled(root = ROOT) {
  const stampPath = path.join(root, 'node_modules', '.atelier-installed');
  const stamp = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return;
  if (!matchesLock(root)) {
    say('Installing dependencies ...');
    await runQuietly('npm ci', 'npm', ['ci', '--no-audit', '--no-fund'], { cwd: root });
  }
  writeFileSync(stampPath, stamp);
}

/**
 * True if what npm says is installed is what the lock file asks for. Someone who has just run `npm install` need not
 * wait for a second installation. Optional packages may be missing: they are for other platforms.
 */
export function matchesLock(root) {
  const installedLock = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const { packages: installed } = JSON.parse(readFileSync(installedLock, 'utf8'));
  const { packages: wanted } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const external = Object.entries(wanted).filter(([folder, { link }]) => folder.includes('node_modules/') && !link);
  return external.every(([folder, { version, integrity, optional }]) => {
    const found = installed[folder];
    if (!found) return optional === true;
    return found.version === version && found.integrity === integrity && existsSync(path.join(root, folder));
  });
}
