// Loaded before a platform under test (`node --import`): plants the bug that the environment describes.
import { registerHooks } from 'node:module';
import type { Edit } from './planted-bugs.ts';

const edits = JSON.parse(process.env.PLANTED_EDITS ?? '[]') as Edit[];

/** A text that is not there any more must not pass for a bug that nobody noticed. */
function edited(source: string, { module, find, replace }: Edit): string {
  const pieces = source.split(find);
  if (pieces.length !== 2) throw new Error(`the text to replace in ${module} occurs ${pieces.length - 1} times`);
  return pieces.join(replace);
}

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const own = edits.filter(({ module }) => url.endsWith(module));
    if (own.length === 0 || loaded.source === undefined) return loaded;
    const source =
      typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source ?? undefined);
    return { ...loaded, source: own.reduce(edited, source) };
  },
});
