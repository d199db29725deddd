/** What the fragment of the address names: `#/`, `#/operations`, `#/operations/<job>`. */
export type Route = { readonly view: 'studio' } | { readonly view: 'operations'; readonly job: string | null };

export function parseRoute(hash: string): Route {
  const [view, job] = hash.replace(/^#\/?/, '').split('/');
  if (view !== 'operations') return { view: 'studio' };
  try {
    return { view: 'operations', job: job ? decodeURIComponent(job) : null };
  } catch {
    return { view: 'operations', job: null };
  }
}

export const operationsHref = (job: string): string => `#/operations/${encodeURIComponent(job)}`;
