// Finds imports of packages that the importing workspace does not declare: hoisting lets them work by accident.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';

const SOURCE_FILE = /\.(ts|tsx|mts|mjs)$/;
/** Files that only tests load; they may use development dependencies, also those of the root. */
const TEST_FILE = /(\.(spec|fixtures|bench)\.tsx?$)|(\/(harness|fixtures|scripts)\/)|((vite|vitest)\.config\.)/;
const SPECIFIER =
  /(?:^|[\s;{}])(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]/g;

/** @returns {string[]} one sentence per import that is not declared */
export function undeclaredImports(root) {
  const rootManifest = readManifest(root);
  const workspaces = rootManifest.workspaces.flatMap((pattern) => expand(root, pattern));
  return workspaces.flatMap((folder) => {
    const manifest = readManifest(path.join(root, folder));
    const forAll = new Set([manifest.name, ...Object.keys(manifest.dependencies ?? {})]);
    const forTests = new Set([
      ...forAll,
      ...Object.keys({ ...manifest.devDependencies, ...rootManifest.devDependencies }),
    ]);
    return sourceFiles(path.join(root, folder)).flatMap((file) => {
      const relative = path.relative(root, file).split(path.sep).join('/');
      const declared = TEST_FILE.test(relative) ? forTests : forAll;
      return importedPackages(readFileSync(file, 'utf8'))
        .filter((name) => !declared.has(name))
        .map((name) => `${relative} imports ${name}, which ${folder}/package.json does not declare`);
    });
  });
}

/** Names of the packages that a module imports, without paths inside them. */
export function importedPackages(source) {
  const specifiers = [...source.matchAll(SPECIFIER)].map(([, declared, dynamic]) => declared ?? dynamic);
  const external = specifiers.filter((specifier) => /^[@a-z]/i.test(specifier) && !specifier.startsWith('node:'));
  const names = external.map((specifier) =>
    specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/'),
  );
  return [...new Set(names)].filter((name) => !builtinModules.includes(name));
}

const readManifest = (folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));

function expand(root, pattern) {
  const parent = pattern.replace(/\/\*$/, '');
  return readdirSync(path.join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => statSync(path.join(root, folder, 'package.json'), { throwIfNoEntry: false }));
}

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const entryPath = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      return ['node_modules', 'dist', 'generated'].includes(entry.name) ? [] : sourceFiles(entryPath);
    }
    return SOURCE_FILE.test(entry.name) ? [entryPath] : [];
  });
}
