// `npm run bench -- <name>`: runs test/bench/<name>.ts.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { runBuilt } from './measure.mjs';
import { main, ROOT } from './workspace.mjs';

main(async () => {
  const folder = path.join(ROOT, 'test/bench');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const known = names.filter((name) => name.endsWith('.ts')).map((name) => name.slice(0, -'.ts'.length));
  const [name = '', ...args] = process.argv.slice(2);
  await runBuilt(`test/bench/${path.basename(name)}.ts`, args, `Usage: npm run bench -- <${known.join('|')}>`);
});
