import type { ScoringAnswer } from '@atelier/client-sdk';
import { describe, expect, it } from 'vitest';
import { claimOf, verdictOf } from './answers.js';

const answer = (question: string, holds: boolean): ScoringAnswer => ({
  outputIndex: 0,
  kind: 'present',
  question,
  holds,
  confidence: 0.5,
});

describe('claimOf', () => {
  it.each([
    ['Is there an apple?', 'an apple'],
    ['Is there an apple in red?', 'an apple in red'],
    ['Are there exactly 2: red apple?', '2 × red apple'],
    ['Is the red apple left of the dog?', 'the red apple left of the dog'],
    ['Is there no dog?', 'no dog'],
    ['Something new', 'Something new'],
  ])('reads %s as a claim', (question, claim) => {
    expect(claimOf(question)).toBe(claim);
  });
});

describe('verdictOf', () => {
  it('tells what was seen from what is missing, and nothing where nothing was asked', () => {
    const answers = [answer('Is there an apple?', true), answer('Is there a dog?', false)];
    expect(verdictOf({ answers })).toEqual({ seen: [answers[0]], missing: [answers[1]] });
    expect(verdictOf({ answers: [] })).toBeNull();
  });
});
