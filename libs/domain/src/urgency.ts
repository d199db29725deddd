import type { Priority } from '@atelier/contracts';

/** How much longer a run of this class waits before it is as urgent as a new one of class `high`. */
export const PRIORITY_DELAY_MS: Readonly<Record<Priority, number>> = { high: 0, normal: 60_000, low: 120_000 };

/**
 * Order inside a tenant: smaller goes first. Priority classes with ageing in one constant number, so that a database can
 * index it: a `low` run overtakes every `high` run that came more than two minutes later, hence nothing starves.
 */
export const urgencyAt = (run: { readonly createdAt: number; readonly priority: Priority }): number =>
  run.createdAt + PRIORITY_DELAY_MS[run.priority];

export const byUrgency = (
  a: { readonly id: string; readonly createdAt: number; readonly priority: Priority },
  b: { readonly id: string; readonly createdAt: number; readonly priority: Priority },
): number => urgencyAt(a) - urgencyAt(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
