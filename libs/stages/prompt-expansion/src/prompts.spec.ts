import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PromptNotDrawableError } from './errors.js';
import { expandPrompt } from './expand-prompt.js';
import { cases, claims, expectedClaims, expectRelationsHold } from './fixtures/expectations.js';
import { requestOf } from './fixtures/request.js';
import { Vocabulary } from './vocabulary.js';

// Real: the whole stage, with the vocabulary of the pilot weights frozen beside the prompts.
const vocabulary = Vocabulary.parse(
  JSON.parse(readFileSync(new URL('./fixtures/vocabulary.json', import.meta.url), 'utf8')),
);

const expand = (prompt: string) => expandPrompt(requestOf('text-to-image', prompt, { samples: 2 }), vocabulary);

describe('prompts as people type them', () => {
  it('are sixty English and forty Chinese ones', () => {
    expect(cases.filter(({ language }) => language === 'en')).toHaveLength(60);
    expect(cases.filter(({ language }) => language === 'zh')).toHaveLength(40);
    expect(new Set(cases.map(({ prompt }) => prompt)).size).toBe(100);
  });

  it.each(cases)('give every fact and none besides: $prompt', (testCase) => {
    if (testCase.notDrawable) {
      expect(() => expand(testCase.prompt)).toThrow(PromptNotDrawableError);
      return;
    }
    const result = expand(testCase.prompt);
    expect(claims(result.expansions[0]!.facts)).toEqual(expectedClaims(testCase));
    expect(result.warnings.map(({ code }) => code)).toEqual(expect.arrayContaining([...(testCase.warnings ?? [])]));
    expectRelationsHold(result, vocabulary);
  });
});
