// Drafts prisma/migrations/<number>_<name>/migration.sql from what prisma/schema.prisma and the migrations differ in.
// Usage, after a build: node scripts/draft-migration.mjs <name>. Add by hand what Prisma cannot express.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { embeddedAdapter } from '../dist/embedded/embedded-adapter.js';
import { EmbeddedDatabase } from '../dist/embedded/embedded-database.js';
import { MIGRATIONS_FOLDER, schemaDrift } from '../dist/migrate.js';

const [name] = process.argv.slice(2);
if (!/^[a-z0-9_]+$/.test(name ?? '')) throw new Error('usage: draft-migration.mjs <name in snake_case>');
mkdirSync(MIGRATIONS_FOLDER, { recursive: true });
const database = await EmbeddedDatabase.open({ dataDir: 'memory' });
const sql = await schemaDrift(embeddedAdapter(database));
await database.close();
const number = String(readdirSync(MIGRATIONS_FOLDER).length + 1).padStart(4, '0');
const folder = path.join(MIGRATIONS_FOLDER, `${number}_${name}`);
mkdirSync(folder);
writeFileSync(path.join(folder, 'migration.sql'), sql);
process.stdout.write(`${path.relative(process.cwd(), folder)}\n`);
