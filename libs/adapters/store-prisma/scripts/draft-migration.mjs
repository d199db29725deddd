// Drafts prisma/migrations/<number>_<name>/migration.sql from what prisma/schema.prisma and the migrations differ in.
// Usage, after a build: node scripts/draft-migration.mjs <name>. Add by hand what Prisma cannot express.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const { draftMigration, MIGRATIONS_FOLDER } = await import(new URL('../dist/index.js', import.meta.url).href);

const [name] = process.argv.slice(2);
if (!/^[a-z0-9_]+$/.test(name ?? '')) throw new Error('usage: draft-migration.mjs <name in snake_case>');
const migrations = readdirSync(MIGRATIONS_FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const number = String(migrations.length + 1).padStart(4, '0');
const folder = path.join(MIGRATIONS_FOLDER, `${number}_${name}`);
const sql = await draftMigration();
mkdirSync(folder);
writeFileSync(path.join(folder, 'migration.sql'), sql);
process.stdout.write(`${path.relative(process.cwd(), folder)}\n`);
