// `npm run unit -- <folders>`: the specs of the given folders, or all, straight from the sources.
import { generateDatabaseClient } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { become, main, platformNode, ROOT } from './workspace.mjs';

main(async () => {
  await ensureInstalled();
  await generateDatabaseClient();
  await become(platformNode(), ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], { cwd: ROOT });
});
