// Runs a TypeScript file of test/ against the built platform: Node strips its types, and the decorators that type
// stripping cannot handle are in the compiled packages that it imports.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { build } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { become, platformNode, ROOT, SetupError } from './workspace.mjs';

export async function runBuilt(file, args, usage) {
  if (!existsSync(path.join(ROOT, file))) throw new SetupError(`There is no ${file}. ${usage}`);
  await ensureInstalled();
  await build();
  await become(platformNode(), [path.join(ROOT, file), ...args], { cwd: ROOT });
}
