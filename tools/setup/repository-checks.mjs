// What must hold for the repository itself. Each check returns its complaints; none means it passed.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const TREE_LIMIT_BYTES = 55 * 2 ** 20;
const TEXT_FILE_LIMIT_BYTES = 4 * 2 ** 20;
const LOCK_FILE = /(^|\/)(package-lock\.json|requirements[^/]*\.(txt|lock)|[^/]+\.lock)$/;
const BINARY_FILE = /\.(png|webp|jpe?g|avif|onnx|safetensors|npz|npy|woff2?|ttf|otf|gz|zip|wasm|bin|db|ico)$/i;

/** Folders of one machine that have no business in a repository; in pieces, so that this file does not name them. */
const MACHINE_FOLDERS = ['root', 'work', 'tmp', 'Users/\\w+', 'home/\\w+'].join('|');
const MACHINE_PATH = new RegExp(`(?<![\\w.~$}/-])/(${MACHINE_FOLDERS})(?=[/"'\`\\s),;:]|$)`);

/** @returns {{ name: string, complaints: string[] }[]} */
export function checkRepository(root) {
  const files = execFileSync('git', ['ls-files', '-z', '--cached'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
    .split('\0')
    .filter((file) => file && statSync(path.join(root, file), { throwIfNoEntry: false })?.isFile());
  return [
    { name: `the tracked files are at most ${TREE_LIMIT_BYTES / 2 ** 20} MiB`, complaints: treeSize(root, files) },
    { name: 'lock files carry no download address', complaints: downloadAddresses(root, files) },
    { name: 'no tracked file names a path of one machine', complaints: machinePaths(root, files) },
  ];
}

function treeSize(root, files) {
  const sizes = files.map((file) => ({ file, bytes: statSync(path.join(root, file)).size }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= TREE_LIMIT_BYTES) return [];
  const largest = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, 10);
  return [`${total} bytes`, ...largest.map(({ file, bytes }) => `${file}: ${bytes} bytes`)];
}

function downloadAddresses(root, files) {
  const complaints = [];
  for (const file of files.filter((name) => LOCK_FILE.test(name))) {
    const text = readFileSync(path.join(root, file), 'utf8');
    const addresses = file.endsWith('.json')
      ? text.match(/"resolved":\s*"[a-z+]+:\/\/[^"]*/g)
      : text.match(/^[^#\n]*(https?:\/\/\S+|--(extra-)?index-url|--find-links).*$/gm);
    if (addresses)
      complaints.push(`${file}: ${addresses.length} addresses, the first is ${addresses[0].slice(0, 120)}`);
  }
  return complaints;
}

function machinePaths(root, files) {
  const complaints = [];
  for (const file of files) {
    const absolute = path.join(root, file);
    if (BINARY_FILE.test(file) || LOCK_FILE.test(file) || statSync(absolute).size > TEXT_FILE_LIMIT_BYTES) continue;
    const lines = readFileSync(absolute, 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      const found = MACHINE_PATH.exec(line);
      if (found) complaints.push(`${file}:${index + 1}: ${line.slice(found.index, found.index + 60)}`);
    }
  }
  return complaints;
}
