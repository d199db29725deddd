import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './workspace.mjs';

const ADAPTERS = [
  ...['bus-memory', 'store-prisma', 'cache-memory', 'blob-filesystem', 'inference-onnx', 'inference-fake'],
  ...['bus-kafka', 'cache-redis', 'blob-s3', 'telemetry-otel', 'inference-grpc'],
];
const STAGES = ['prompt-expansion', 'reference-encoding', 'denoising', 'decoding', 'scoring'].map((s) => `stage-${s}`);
const LIBRARIES = [
  ...['contracts', 'domain', 'ports', 'generation', 'orchestration', 'platform', 'client-sdk', 'testing'],
  ...['stage-runner', 'cluster-adapters', ...STAGES, ...ADAPTERS],
];
/** What the separate services stand on. */
const CLUSTER_ADAPTERS = [
  ...['bus-kafka', 'store-prisma', 'blob-s3', 'telemetry-otel', 'inference-onnx', 'inference-grpc'],
  ...['cache-memory', 'cache-redis'],
];
const APPS = ['api', 'embedded', 'cli', 'dashboard', 'orchestrator', 'workers'];

/** What an app may reach: the doubles of the specs never serve a user. */
const FOR_USERS = LIBRARIES.filter((name) => !['testing', 'inference-fake'].includes(name));

/** Folder of each kind of project, and all that it may import of ours. */
const ALLOWED: Record<string, readonly string[]> = {
  'libs/contracts': [],
  'libs/domain': ['contracts'],
  'libs/ports': ['contracts', 'domain'],
  'libs/generation': ['contracts', 'domain', 'ports'],
  'libs/orchestration': ['contracts', 'domain', 'ports'],
  'libs/stages/denoising': ['contracts', 'domain', 'ports', 'stage-runner'],
  'libs/adapters/store-prisma': ['contracts', 'domain', 'ports'],
  'libs/platform': ['contracts', 'ports'],
  'libs/cluster-adapters': ['contracts', 'ports', 'platform', ...CLUSTER_ADAPTERS],
  'libs/client-sdk': ['contracts'],
  'libs/testing': ['contracts', 'domain', 'ports'],
  'apps/cli': ['client-sdk'],
  'apps/dashboard': ['client-sdk'],
  'apps/api': FOR_USERS,
  'apps/embedded': [...FOR_USERS, 'api', 'embedded'],
  'apps/orchestrator': FOR_USERS,
  'apps/workers': FOR_USERS.filter((name) => name !== 'store-prisma'),
};

/** Composition roots and the platform; the domain is refused more than Nest. */
const WITH_NEST = ['libs/platform', 'libs/domain', 'apps/api', 'apps/embedded', 'apps/orchestrator', 'apps/workers'];

interface Probe {
  readonly file: string;
  readonly specifier: string;
}

const forbidden: Probe[] = Object.entries(ALLOWED).flatMap(([folder, allowed]) => [
  ...[...LIBRARIES, ...APPS]
    .filter((name) => !allowed.includes(name) && folder !== `apps/${name}`)
    .flatMap((name) => [`@atelier/${name}`, `@atelier/${name}/internals`])
    .map((specifier) => ({ file: `${folder}/src/x.ts`, specifier })),
  { file: `${folder}/src/x.ts`, specifier: '../../contracts/src/ids.js' },
  { file: `${folder}/src/x.ts`, specifier: '../../../libs/contracts/dist/index.js' },
]);
const forbiddenVendors: Probe[] = [
  // A worker has no database.
  { file: 'apps/workers/src/x.ts', specifier: '@atelier/cluster-adapters/store' },
  ...['@nestjs/common', 'node:fs', 'node:crypto', 'node:fs/promises'].map((specifier) => ({
    file: 'libs/domain/src/x.ts',
    specifier,
  })),
  ...Object.keys(ALLOWED)
    .filter((folder) => !WITH_NEST.includes(folder))
    .map((folder) => ({ file: `${folder}/src/x.ts`, specifier: '@nestjs/common' })),
];
const permitted: Probe[] = [
  ...Object.entries(ALLOWED).flatMap(([folder, allowed]) =>
    allowed.map((name) => ({ file: `${folder}/src/x.ts`, specifier: `@atelier/${name}` })),
  ),
  { file: 'libs/generation/src/x.spec.ts', specifier: '@atelier/testing' },
  { file: 'libs/adapters/store-prisma/src/x.spec.ts', specifier: '@atelier/ports/conformance' },
  ...['api', 'orchestrator'].map((app) => ({
    file: `apps/${app}/src/x.ts`,
    specifier: '@atelier/cluster-adapters/store',
  })),
  { file: 'apps/workers/src/x.ts', specifier: '@atelier/cluster-adapters/bus' },
  { file: 'libs/platform/src/x.ts', specifier: '@nestjs/common' },
  { file: 'libs/ports/src/x.ts', specifier: 'node:crypto' },
];

describe('import rules', () => {
  let workspace: string;
  /** `file line` of every import that the linter refused. */
  let refused: Set<string>;
  const linesByFile = new Map<string, string[]>();
  const place = ({ file, specifier }: Probe) => `${file} ${(linesByFile.get(file) ?? []).indexOf(specifier) + 1}`;

  beforeAll(() => {
    workspace = mkdtempSync(path.join(tmpdir(), 'atelier-import-rules-'));
    execFileSync('git', ['init', '-q', workspace]);
    for (const file of ['biome.json', 'tools/setup/no-randomness.grit']) {
      cpSync(path.join(ROOT, file), path.join(workspace, file), { recursive: true });
    }
    for (const { file, specifier } of [...forbidden, ...forbiddenVendors, ...permitted]) {
      const lines = linesByFile.get(file) ?? [];
      if (!lines.includes(specifier)) linesByFile.set(file, [...lines, specifier]);
    }
    for (const [file, lines] of linesByFile) {
      mkdirSync(path.dirname(path.join(workspace, file)), { recursive: true });
      writeFileSync(path.join(workspace, file), lines.map((specifier) => `export * from '${specifier}';\n`).join(''));
    }
    refused = lint(workspace);
  });
  afterAll(() => rmSync(workspace, { recursive: true }));

  it.each(Object.keys(ALLOWED))('refuse every import that %s may not make', (folder) => {
    const missed = [...forbidden, ...forbiddenVendors].filter(
      (probe) => probe.file.startsWith(`${folder}/`) && !refused.has(place(probe)),
    );
    expect(missed.map(({ specifier }) => specifier)).toEqual([]);
  });

  it('accept every import that is allowed', () => {
    expect(permitted.filter((probe) => refused.has(place(probe)))).toEqual([]);
  });

  it('refuse time, randomness by the crypto global and the environment in the domain', () => {
    const file = path.join(workspace, 'libs/domain/src/globals.ts');
    const lines = ['Date.now()', 'crypto.randomUUID()', 'process.env', 'setTimeout(() => 1, 1)', 'Math.random()'];
    writeFileSync(file, lines.map((line, n) => `export const v${n} = ${line};\n`).join(''));
    expect([...lint(workspace)].filter((found) => found.includes('globals.ts'))).toHaveLength(lines.length);
  });
});

/** Runs the linter over a workspace and returns where it found errors, as `file line`. */
function lint(workspace: string): Set<string> {
  const biome = path.join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '--diagnostic-level=error', '.'];
  const { stdout, stderr } = spawnSync(process.execPath, [biome, ...args], {
    cwd: workspace,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (!stdout.startsWith('{')) throw new Error(`the linter did not run: ${stderr}`);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
  return new Set(diagnostics.map(({ location }) => `${location.path} ${location.start.line}`));
}

interface Diagnostic {
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}
