import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matchesLock } from './install.mjs';

describe('matchesLock', () => {
  let root: string;
  const wanted = {
    '': { name: 'atelier' },
    'libs/a': { version: '0.1.0' },
    'node_modules/@atelier/a': { resolved: 'libs/a', link: true },
    'node_modules/zod': { version: '4.0.0', integrity: 'sha512-zod' },
    'node_modules/node-other-platform': { version: '24.0.0', integrity: 'sha512-node', optional: true },
  };
  const { 'node_modules/node-other-platform': _, ...installed } = wanted;
  const write = (file: string, packages: object) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), JSON.stringify({ packages }));
  };
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'atelier-install-'));
    write('package-lock.json', wanted);
    write('node_modules/.package-lock.json', installed);
    mkdirSync(path.join(root, 'node_modules/zod'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is true when all is there but what other platforms need', () => {
    expect(matchesLock(root)).toBe(true);
  });

  it.each([
    ['another version', { version: '4.0.1', integrity: 'sha512-zod' }],
    ['another content', { version: '4.0.0', integrity: 'sha512-other' }],
    ['nothing', undefined],
  ])('is false when %s is installed', (_what, zod) => {
    write('node_modules/.package-lock.json', { ...installed, 'node_modules/zod': zod });
    expect(matchesLock(root)).toBe(false);
  });

  it('is false when a folder is gone, or nothing was ever installed', () => {
    rmSync(path.join(root, 'node_modules/zod'), { recursive: true });
    expect(matchesLock(root)).toBe(false);
    rmSync(path.join(root, 'node_modules'), { recursive: true });
    expect(matchesLock(root)).toBe(false);
  });
});
