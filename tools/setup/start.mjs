// `npm start`: installs what is missing, builds what is stale, runs the platform in the foreground.
import path from 'node:path';
import { build } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { become, main, platformNode, ROOT } from './workspace.mjs';

main(async () => {
  await ensureInstalled();
  await build();
  await become(platformNode(), [path.join(ROOT, 'apps/embedded/dist/main.js'), ...process.argv.slice(2)]);
});
