// Builds the atlas once more into an ignored folder and compares it with the tracked one, file by file. Usage: node check.mjs
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const tracked = join(root, 'gpu-runtime/assets/atlas');
const rebuilt = join(root, 'gpu-runtime/.runs/atlas-check');

const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** File name -> sha256 of everything in a folder. */
const sums = (folder) => new Map(readdirSync(folder).map((name) => [name, sha256(join(folder, name))]));

/** Names of files that are missing on one side or have other bytes. */
export function differences(a, b) {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  execFileSync(process.execPath, [join(here, 'build.mjs'), '--out', rebuilt], { stdio: 'inherit' });
  const [old, again] = [sums(tracked), sums(rebuilt)];
  old.set('NOTICE', sha256(join(root, 'NOTICE')));
  again.set('NOTICE', sha256(`${rebuilt}.NOTICE`));
  const different = differences(old, again);
  console.log(`${old.size} files compared, ${different.length} different`);
  for (const name of different) console.log(`  ${name}`);
  process.exitCode = different.length > 0 ? 1 : 0;
}
