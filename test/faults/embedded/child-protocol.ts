import type { TenantShare } from '@atelier/ports';
import type { Disturbance, KillPlan } from '../profile.ts';

/** What the process under test is told on its command line. */
export interface ChildConfig {
  readonly dataDir: string;
  readonly weightsDir: string;
  readonly journalFile: string;
  readonly tenants: readonly string[];
  readonly weights?: Readonly<Record<string, number>>;
  readonly kill?: KillPlan;
  readonly disturbance?: Disturbance;
  readonly notesSteps?: boolean;
}

export type ToChild =
  | { readonly ask: 'unfinished' | 'shares' | 'stop'; readonly number: number }
  | { readonly ask: 'clock'; readonly number: number; readonly offsetMs: number };
export type FromChild =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'answer'; readonly number: number; readonly unfinished?: number; readonly shares?: TenantShare[] };
