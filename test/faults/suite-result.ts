import type { Violation } from './history.ts';
import type { Profile } from './profile.ts';

/** A figure that a suite promises. */
export interface Goal {
  readonly what: string;
  readonly value: number;
  readonly bound: 'at least' | 'at most' | 'exactly';
  readonly limit: number;
}

export const exactly = (what: string, value: number, limit: number): Goal => ({ what, value, bound: 'exactly', limit });
export const atLeast = (what: string, value: number, limit: number): Goal => ({
  what,
  value,
  bound: 'at least',
  limit,
});
export const atMost = (what: string, value: number, limit: number): Goal => ({ what, value, bound: 'at most', limit });

export interface SuiteResult {
  readonly suite: number;
  readonly fault: string;
  readonly profile: Profile['name'];
  /** Processor, cores and load while it ran. */
  readonly machine: string;
  readonly jobs: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly charged_twice: number;
  readonly stale_writes_rejected: number;
  /** From a kill, or the API that answers again, to the next order of a run that it took; null where none took one. */
  readonly dispatched_again_s_p95: number | null;
  /** From a kill to the API that answers again; null where no kill took it. */
  readonly restart_s_p95: number | null;
  /** From a kill to the first job that ended after it; null where nothing was killed. */
  readonly recovery_s_p95: number | null;
  /** Everything else that was counted, for the report. */
  readonly details: Readonly<Record<string, number | string>>;
  readonly goals: readonly Goal[];
  /** A sentence for each goal that was missed. */
  readonly unmet: readonly string[];
  readonly violations: readonly Violation[];
}

/** A mistake that was planted in the platform, and the violations of the kinds that it leads to. */
export interface PlantedCatch {
  readonly name: string;
  readonly what: string;
  readonly found: number;
}

/** A result with where it comes from, as the report keeps it. */
export interface ReportRow extends SuiteResult {
  /** ISO 8601, when the suite ended. */
  readonly measured_at: string;
  readonly commit: string;
  /** How long it took. */
  readonly seconds: number;
  /** Multiple of the published numbers of jobs. */
  readonly scale: number;
  /** Of the planted bugs that this suite hunts in this profile. */
  readonly planted?: readonly PlantedCatch[];
}

/** A figure that is no number was not measured, so its goal is not met. */
export function isMet({ value, bound, limit }: Goal): boolean {
  switch (bound) {
    case 'at least':
      return value >= limit;
    case 'at most':
      return value <= limit;
    case 'exactly':
      return value === limit;
  }
}

export const unmetGoals = (goals: readonly Goal[]): string[] =>
  goals
    .filter((goal) => !isMet(goal))
    .map(({ what, value, bound, limit }) => `${what}: ${value} instead of ${bound} ${limit}`);

/** Whether a run of suites may be called a success. */
export const isPassed = (rows: readonly Pick<ReportRow, 'violations' | 'unmet' | 'planted'>[]): boolean =>
  rows.length > 0 &&
  rows.every(
    ({ violations, unmet, planted = [] }) =>
      violations.length === 0 && unmet.length === 0 && planted.every(({ found }) => found > 0),
  );
