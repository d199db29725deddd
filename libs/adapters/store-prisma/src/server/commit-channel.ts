import type { CommitHint } from '../commit-hints.js';
import type { Notification } from '../statement.js';

/** Of PostgreSQL's LISTEN and NOTIFY; the same for every process on one database. */
export const COMMIT_CHANNEL = 'atelier_commits';

/** `origin` names the committing process, which has told its own listeners already. */
export const encodeCommit = (origin: string, { generationId, work }: CommitHint): Notification => ({
  channel: COMMIT_CHANNEL,
  payload: `${origin} ${work ? 'work' : 'quiet'} ${generationId}`,
});

/** Null for what no process of ours has sent. */
export const decodeCommit = (payload: string): (CommitHint & { readonly origin: string }) | null => {
  const [origin, kind, generationId, ...rest] = payload.split(' ');
  if (!origin || !generationId || rest.length > 0 || (kind !== 'work' && kind !== 'quiet')) return null;
  return { origin, generationId, work: kind === 'work' };
};
