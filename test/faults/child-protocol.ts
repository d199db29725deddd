import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { CrashPoint, TenantShare } from '@atelier/ports';

/** What the process under test is told on its command line. */
export interface ChildConfig {
  readonly dataDir: string;
  readonly weightsDir: string;
  readonly journalFile: string;
  readonly tenants: readonly string[];
  /** SIGKILL when this point is reached for the n-th time (1 = the first). */
  readonly kill?: KillPlan;
  readonly disturbance?: Disturbance;
}

export interface KillPlan {
  readonly point: CrashPoint;
  readonly occurrence: number;
}

/** Every message arrives `copies` times, each copy after a time of its own, so that the order is lost too. */
export interface Disturbance {
  readonly seed: number;
  readonly copies: number;
  readonly delayMs: number;
  /** Delay of the last copy: long enough to come when its job is over. */
  readonly lateMs: number;
}

export type ToChild = { readonly ask: 'unfinished' | 'shares' | 'stop'; readonly number: number };
export type FromChild =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'answer'; readonly number: number; readonly unfinished?: number; readonly shares?: TenantShare[] };

export type JournalEntry =
  | {
      readonly kind: 'killed';
      readonly at: number;
      readonly point: CrashPoint;
      readonly progress: { readonly runId: string; readonly step: number } | null;
    }
  | {
      readonly kind: 'finished';
      readonly at: number;
      readonly id: string;
      readonly messageId: string;
      readonly state: string;
    }
  | { readonly kind: 'answered'; readonly at: number; readonly runId: string; readonly fence: number };

/** Written at once and synchronously: what the process knew when it died is in the file. */
export const writeJournal = (file: string, entry: JournalEntry): void =>
  appendFileSync(file, `${JSON.stringify(entry)}\n`);

export function readJournal(file: string): JournalEntry[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalEntry);
}

/** Not a secret: it opens a platform that lives for one run on a loopback port. The form is the one of real keys. */
export const apiKeyOf = (tenant: string): string => `atl_${Buffer.from(tenant).toString('hex').padEnd(40, '0')}`;
