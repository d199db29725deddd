// `npm run atelier -- <command>` and `npm run draw -- "..."`: the command line client, ready to run.
import path from 'node:path';
import { build } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { become, main, platformNode, ROOT } from './workspace.mjs';

main(async () => {
  await ensureInstalled();
  await build();
  // npm changes into the workspace; a path such as `--out apple.png` is meant from where the user stands.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  await become(platformNode(), [path.join(ROOT, 'apps/cli/dist/main.js'), ...process.argv.slice(2)], { cwd });
});
