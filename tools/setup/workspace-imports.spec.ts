import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from './workspace.mjs';
import { importedPackages, undeclaredImports } from './workspace-imports.mjs';

describe('workspace imports', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'atelier-imports-'));
    write('package.json', JSON.stringify({ workspaces: ['libs/*'], devDependencies: { vitest: '5.0.0' } }));
    write(
      'libs/a/package.json',
      JSON.stringify({ name: '@atelier/a', dependencies: { zod: '4' }, devDependencies: { '@atelier/b': '1' } }),
    );
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const write = (file: string, content: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
  };

  it('are all declared in this repository', () => {
    expect(undeclaredImports(ROOT)).toEqual([]);
  });

  it('of an undeclared workspace package are found', () => {
    write('libs/a/src/x.ts', "import type { C } from '@atelier/c/internals';\n");
    expect(undeclaredImports(root)).toEqual([
      'libs/a/src/x.ts imports @atelier/c, which libs/a/package.json does not declare',
    ]);
  });

  it('of a development dependency are for tests only', () => {
    const line = "import { b } from '@atelier/b';\nimport { it } from 'vitest';\n";
    write('libs/a/src/x.spec.ts', line);
    expect(undeclaredImports(root)).toEqual([]);
    write('libs/a/src/x.ts', line);
    expect(undeclaredImports(root)).toHaveLength(2);
  });

  it('are recognised in every form', () => {
    const source = `
      import 'reflect-metadata';
      import type { A } from "@scope/types/deep";
      import {
        B,
      } from 'multi-line';
      export * from 'exported';
      export { c } from '@scope/named';
      const d = await import('dynamic');
      import fs from 'node:fs'; import path from 'path';
      import { e } from './relative.js';
      const text = "import 'not-code'";
    `;
    expect(importedPackages(source).sort()).toEqual(
      ['reflect-metadata', '@scope/types', 'multi-line', 'exported', '@scope/named', 'dynamic'].sort(),
    );
  });
});
