import type { JobCandidate, ScoringAnswer } from '@atelier/client-sdk';

/** What a question of the checker is about: `Is there an apple?` is about `an apple`. */
export function claimOf(question: string): string {
  const claim = question
    .trim()
    .replace(/^(is|are) there (exactly )?/i, '')
    .replace(/^(is|are) /i, '')
    .replace(/\?$/, '');
  return claim.replace(/^(\d+): /, '$1 × ');
}

export interface Verdict {
  readonly seen: readonly ScoringAnswer[];
  readonly missing: readonly ScoringAnswer[];
}

/** The checker's answers about a candidate, apart; null when it was asked nothing. */
export function verdictOf({ answers }: Pick<JobCandidate, 'answers'>): Verdict | null {
  if (answers.length === 0) return null;
  return { seen: answers.filter(({ holds }) => holds), missing: answers.filter(({ holds }) => !holds) };
}
