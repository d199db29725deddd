import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRepository } from './repository-checks.mjs';

describe('repository checks', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'atelier-repository-'));
    execFileSync('git', ['init', '-q', root]);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const track = (file: string, content: string | Buffer) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
    execFileSync('git', ['add', file], { cwd: root });
  };
  const complaints = () => checkRepository(root).flatMap((check) => check.complaints);

  it('accept a clean tree', () => {
    track('package-lock.json', '{"packages":{"a":{"version":"1.0.0","funding":{"url":"https://example.org"}}}}');
    track('requirements.lock', '# made by a tool\nnumpy==2.0.0 --hash=sha256:00\n');
    track('src/a.ts', "export const route = '/workers/x'; // see /v1/root and ~/work\n");
    expect(complaints()).toEqual([]);
  });

  it('find a tree over 55 MiB and name its largest files', () => {
    track('weights/big.onnx', Buffer.alloc(56 * 2 ** 20));
    expect(complaints().join('\n')).toContain('weights/big.onnx');
  });

  it.each([
    ['package-lock.json', '{"packages":{"a":{"resolved":"https://registry.example.org/a.tgz"}}}'],
    ['tools/x/package-lock.json', '{"packages":{"a":{"resolved":"git+ssh://example.org/a"}}}'],
    ['gpu-runtime/requirements.lock', '--extra-index-url https://example.org/simple\nnumpy==2.0.0\n'],
    ['gpu-runtime/requirements.lock', 'numpy @ https://example.org/numpy.whl\n'],
  ])('find a download address in %s: %s', (file, content) => {
    track(file, content);
    expect(complaints()).toHaveLength(1);
  });

  it.each(['root/x', 'work/shared', 'tmp/x', 'Users/ada/x', 'home/ada/x'])(
    'find the path of one machine /%s',
    (tail) => {
      track('docs/a.md', `Run it in /${tail}.\n`);
      track('src/b.ts', `open("/${tail}")\n`);
      expect(complaints()).toHaveLength(2);
    },
  );
});
