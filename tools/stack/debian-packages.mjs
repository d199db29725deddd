// Programs of Debian packages in a folder of our own: downloaded and verified by apt, unpacked, not installed. So no
// maintainer script runs, no user is made, and no service starts on its default port.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { run, runQuietly, SetupError, say } from '../setup/workspace.mjs';

/**
 * Unpacks `packageName` and whatever it needs that the machine lacks.
 *
 * @param {string} packageName
 * @param {string} folder appears in one rename, so it is complete if it exists
 * @returns {Promise<string>} the folder, laid out as the root of a file system
 */
export async function unpackDebianPackage(packageName, folder) {
  if (existsSync(folder)) return folder;
  say(`Installing ${packageName} ...`);
  mkdirSync(path.dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  try {
    const archives = path.join(draft, 'archives');
    mkdirSync(path.join(archives, 'partial'), { recursive: true });
    await download(packageName, archives);
    const root = path.join(draft, 'root');
    mkdirSync(root);
    const names = readdirSync(archives).filter((name) => name.endsWith('.deb'));
    if (names.length === 0) throw new SetupError(`apt delivered no package for ${packageName}.`);
    for (const name of names) await runQuietly('dpkg', 'dpkg-deb', ['-x', path.join(archives, name), root]);
    renameUnlessThere(root, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

/** Environment in which a program from such a folder finds the libraries unpacked beside it. */
export function unpackedEnvironment(folder) {
  const lib = path.join(folder, 'usr', 'lib');
  const names = existsSync(lib) ? readdirSync(lib).filter((name) => name.endsWith('-linux-gnu')) : [];
  const found = names.map((name) => path.join(lib, name));
  return { ...process.env, LD_LIBRARY_PATH: [...found, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') };
}

/** The package lists of a fresh machine are empty or old: they are fetched when the first try fails. */
async function download(packageName, archives) {
  // Root need not hand the download over to apt's own account; everybody else downloads without the system's lock.
  const access = process.getuid?.() === 0 ? 'APT::Sandbox::User=root' : 'Debug::NoLocking=1';
  const options = ['-o', `Dir::Cache::archives=${archives}`, '-o', access];
  const args = [...options, '-q', '-y', '--no-install-recommends', '--download-only', 'install', packageName];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if ((await run('apt-get', args, { env, stdio: 'ignore' })) === 0) return;
  await runQuietly('apt-get update', 'apt-get', ['-q', 'update']);
  await runQuietly('apt-get', 'apt-get', args, { env });
}

/** Another process may have unpacked the same meanwhile; theirs is as good as ours. */
function renameUnlessThere(draft, folder) {
  try {
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}
