import type { GenerationAggregate } from '@atelier/ports';

interface Page {
  readonly generations: readonly GenerationAggregate[];
  readonly nextCursor: string | null;
}

/** Jobs that one search looks at: a bound on what a rare word costs. */
const MAX_LOOKED_AT = 500;

/**
 * The next jobs whose prompt, task or id has all words of the query. Pages have the size of the answer, and a page that
 * would overfill it is left to the next search: every job is found once, whatever the cursor.
 */
export async function searchJobs(
  list: (limit: number, cursor: string | null) => Promise<Page>,
  { query, limit, cursor }: { readonly query: string; readonly limit: number; readonly cursor: string | null },
): Promise<Page> {
  const words = query.toLowerCase().split(/\s+/u);
  const found: GenerationAggregate[] = [];
  let from = cursor;
  for (let looked = 0; looked < MAX_LOOKED_AT; looked += limit) {
    const page = await list(limit, from);
    const matching = page.generations.filter((aggregate) => hasAll(words, aggregate));
    if (found.length + matching.length > limit) return { generations: found, nextCursor: from };
    found.push(...matching);
    from = page.nextCursor;
    if (from === null || found.length === limit) break;
  }
  return { generations: found, nextCursor: from };
}

function hasAll(words: readonly string[], { generation: { id, request } }: GenerationAggregate): boolean {
  const text = [id, request.task, ...request.prompts].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}
