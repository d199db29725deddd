import { readFileSync } from 'node:fs';
import type { Facts, PromptExpansionInput } from '@atelier/contracts';
import { describe, expect, it } from 'vitest';
import { PromptNotDrawableError } from './errors.js';
import { expandPrompt } from './expand-prompt.js';
import { Vocabulary } from './vocabulary.js';

// Real: the whole stage, with the vocabulary of the pilot weights frozen beside the prompts.
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8'));
const vocabulary = Vocabulary.parse(read('vocabulary.json'));

interface PromptCase {
  readonly language: 'en' | 'zh';
  readonly prompt: string;
  readonly notDrawable?: true;
  /** Relations are [index of subject, relation, index of object] over `objects`. */
  readonly facts: {
    readonly objects: readonly { concept: string; count: number; colour?: string }[];
    readonly relations: readonly (readonly [number, string, number])[];
    readonly absent: readonly string[];
    readonly place?: string;
    readonly time?: string;
    readonly style?: string;
  };
  readonly warnings?: readonly string[];
}

const cases = read('prompts.json') as readonly PromptCase[];

const input = (prompt: string): PromptExpansionInput => ({
  task: 'text-to-image',
  prompts: [prompt],
  samples: 2,
  outputs: 1,
  expandPrompt: 'auto',
  layout: [],
  references: [],
  size: { widthPx: 256, heightPx: 256 },
  seed: 7,
});

interface Named {
  readonly concept: string;
  readonly count: number;
  readonly colour?: string | undefined;
}

const label = ({ count, colour, concept }: Named): string => [count, colour, concept].filter(Boolean).join(' ');

/** Facts in words, so that a difference reads like a sentence and order does not matter. */
function claims(facts: Facts): string[] {
  const byId = new Map(facts.objects.map((object) => [object.id, label(object)]));
  return [
    ...facts.objects.map((object) => `draw ${label(object)}`),
    ...facts.relations.map(({ subject, relation, object }) => `${byId.get(subject)} ${relation} ${byId.get(object)}`),
    ...facts.absent.map((concept) => `no ${concept}`),
    ...(['place', 'time', 'style'] as const).flatMap((part) =>
      facts[part] === undefined ? [] : [`${part} ${facts[part]}`],
    ),
  ].sort();
}

function expectedClaims({ facts }: PromptCase): string[] {
  const names = facts.objects.map(label);
  return [
    ...names.map((name) => `draw ${name}`),
    ...facts.relations.map(([subject, relation, object]) => `${names[subject]} ${relation} ${names[object]}`),
    ...facts.absent.map((concept) => `no ${concept}`),
    ...(['place', 'time', 'style'] as const).flatMap((part) =>
      facts[part] === undefined ? [] : [`${part} ${facts[part]}`],
    ),
  ].sort();
}

describe('prompts as people type them', () => {
  it('are sixty English and forty Chinese ones', () => {
    expect(cases.filter(({ language }) => language === 'en')).toHaveLength(60);
    expect(cases.filter(({ language }) => language === 'zh')).toHaveLength(40);
    expect(new Set(cases.map(({ prompt }) => prompt)).size).toBe(100);
  });

  it.each(cases)('$prompt', (testCase) => {
    if (testCase.notDrawable) {
      expect(() => expandPrompt(input(testCase.prompt), vocabulary)).toThrow(PromptNotDrawableError);
      return;
    }
    const result = expandPrompt(input(testCase.prompt), vocabulary);
    expect(claims(result.expansions[0]!.facts)).toEqual(expectedClaims(testCase));
    expect(result.warnings.map(({ code }) => code)).toEqual(expect.arrayContaining([...(testCase.warnings ?? [])]));
  });
});
