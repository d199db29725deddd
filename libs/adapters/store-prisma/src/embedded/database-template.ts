import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate, migrationsDigest } from '../migrate.js';
import { embeddedAdapter } from './embedded-adapter.js';
import { EmbeddedDatabase } from './embedded-database.js';

// A new database from nothing costs seconds (initdb builds its catalogue), from an archive of an empty migrated one a
// fraction. So the first new database of an installation leaves that archive behind, beside the compiled code.

const FOLDER = fileURLToPath(new URL('../../dist/.template/', import.meta.url));
const NAME = /^[0-9a-f]{16}\.tar$/;

/** Path of the archive for this version of schema and engine; made on first use. */
export const databaseTemplate = async (): Promise<string> => {
  const file = path.join(FOLDER, `${version()}.tar`);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return file;
  const scratch = mkdtempSync(path.join(writableFolder(), 'draft-'));
  const draft = path.join(scratch, 'template.tar');
  await buildTemplate(draft);
  if (path.dirname(scratch) !== path.normalize(FOLDER).replace(/\/$/, '')) return draft;
  for (const old of readdirSync(FOLDER)) if (NAME.test(old)) rmSync(path.join(FOLDER, old), { force: true });
  // Several processes may get here at once: each archive is complete, the last one stays.
  renameSync(draft, file);
  rmSync(scratch, { recursive: true });
  return file;
};

const buildTemplate = async (file: string): Promise<void> => {
  const database = await EmbeddedDatabase.open({ dataDir: 'memory' });
  try {
    await migrate(embeddedAdapter(database));
    await database.dump(file);
  } finally {
    await database.close();
  }
};

/** An installation may be read-only: then the archive is for this one time. */
const writableFolder = (): string => {
  try {
    mkdirSync(FOLDER, { recursive: true });
    rmSync(mkdtempSync(path.join(FOLDER, 'probe-')), { recursive: true });
    return FOLDER;
  } catch {
    return tmpdir();
  }
};

const version = (): string => {
  const require = createRequire(import.meta.url);
  const engine = path.join(path.dirname(require.resolve('@electric-sql/pglite')), '..', 'package.json');
  return createHash('sha256')
    .update((JSON.parse(readFileSync(engine, 'utf8')) as { version: string }).version)
    .update(migrationsDigest())
    .digest('hex')
    .slice(0, 16);
};
