// Generates the Prisma client into src/generated, offline, and only when the schema or Prisma changed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const packageRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const schemaPath = path.join(packageRoot, 'prisma', 'schema.prisma');
const stampPath = path.join(packageRoot, 'src', 'generated', '.inputs');
const prismaManifestPath = createRequire(import.meta.url).resolve('prisma/package.json');
const prismaManifest = JSON.parse(readFileSync(prismaManifestPath, 'utf8'));

const stamp = createHash('sha256')
  .update(prismaManifest.version)
  .update(readFileSync(schemaPath))
  .update(readFileSync(fileURLToPath(import.meta.url)))
  .digest('hex');

if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) process.exit(0);

try {
  execFileSync(
    process.execPath,
    [path.join(path.dirname(prismaManifestPath), prismaManifest.bin.prisma), 'generate', '--schema', schemaPath],
    {
      cwd: packageRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        // `generate` never runs the schema engine, yet fetches it unless some executable is named here.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
    },
  );
} catch (error) {
  process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}\n`);
  throw error;
}
writeFileSync(stampPath, stamp);
