import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import type { CrashPoint } from '@atelier/ports';

/** What a platform under test did, as it did it. In a cluster a reader of the bus writes it, and whoever kills. */
export type JournalEntry =
  | {
      readonly kind: 'killed';
      readonly at: number;
      readonly point: CrashPoint;
      /** The newest progress message before: what was being drawn. */
      readonly progress: { readonly runId: string; readonly step: number } | null;
    }
  /** The API answers again. */
  | { readonly kind: 'ready'; readonly at: number }
  /** A `<stage>.requested.v1` that the bus accepted: a run was dispatched. */
  | { readonly kind: 'ordered'; readonly at: number; readonly runId: string; readonly fence: number }
  /** A `generation.finished.v1` that the bus accepted. */
  | {
      readonly kind: 'finished';
      readonly at: number;
      readonly id: string;
      readonly messageId: string;
      readonly state: string;
    }
  /** A progress message, where a suite wants to know of each: when it was made. */
  | { readonly kind: 'stepped'; readonly at: number; readonly id: string; readonly step: number }
  /** A `<stage>.completed.v1` that orchestration has looked at. */
  | { readonly kind: 'answered'; readonly at: number; readonly runId: string; readonly fence: number };

/** Written at once and synchronously: what the process knew when it died is in the file. */
export const writeJournal = (file: string, entry: JournalEntry): void =>
  appendFileSync(file, `${JSON.stringify(entry)}\n`);

export function readJournal(file: string): JournalEntry[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalEntry);
}

export const journalBytes = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
