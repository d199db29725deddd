import type { OutputPlan, PromptExpansionInput, PromptExpansionResult } from '@atelier/contracts';
import { candidateSeed } from '@atelier/domain';
import { expandedSentence, layoutCaption } from './caption.js';
import { expandEditTask, isEditTask } from './edits/expand-edit.js';
import { expandRecolour } from './edits/expand-recolour.js';
import { PromptNotDrawableError } from './errors.js';
import { Notes } from './explain.js';
import { literalFacts } from './facts/literal-facts.js';
import { planFacts } from './facts/plan-facts.js';
import { type Lexicon, lexiconOf } from './lexicon/lexicon.js';
import { layoutsOf } from './scene-layouts.js';
import { expandControlled, isControlTask } from './scenes/expand-controlled.js';
import { type CaptionBudget, expandStory } from './scenes/expand-story.js';
import { expandSubjects } from './scenes/expand-subjects.js';
import { mixSeeds } from './seeded-random.js';
import { neutralise } from './text/tokens.js';
import type { Vocabulary } from './vocabulary.js';

export type Expansion = PromptExpansionResult['expansions'][number];

export interface ExpandedPrompt {
  readonly expansion: Expansion;
  readonly notes: Notes;
  /** The plan of one output by its candidate's seed: equal arguments give an equal plan. */
  plan(seed: number, output: number): OutputPlan;
}

/**
 * Turns what a person typed into what the model was trained to read: facts in the vocabulary of the weights, a layout
 * and a caption per sample and output, an explanation of every change and a warning for everything that is not drawn.
 * @param budget bounds the joint caption of a story; null: no bound
 * Pure: equal arguments give an equal result. Errors: PromptNotDrawableError, EditNotUnderstoodError.
 */
export function expandPrompt(
  input: PromptExpansionInput,
  vocabulary: Vocabulary,
  budget: CaptionBudget | null = null,
): PromptExpansionResult {
  const lexicon = lexiconOf(vocabulary);
  const expand = expansionFor(input);
  const prompts =
    input.task === 'storyboard' && input.expandPrompt !== 'off'
      ? expandStory(input, lexicon, budget)
      : input.prompts.map((prompt, index) => expand(prompt, index, input, lexicon));
  const forOutput = (output: number): ExpandedPrompt => prompts[Math.min(output, prompts.length - 1)]!;
  const { samples, outputs, bestOf = 1 } = input;
  const planned = times(samples, (sample) =>
    times(bestOf, (candidate) => {
      const seed = candidateSeed(input.seed, sample, candidate);
      return times(outputs, (output) => forOutput(output).plan(seed, output));
    }),
  );
  return {
    plans: planned.map(([first]) => first!),
    ...(bestOf > 1 ? { candidatePlans: planned } : {}),
    expansions: prompts.map((prompt) => prompt.expansion),
    warnings: prompts.flatMap(({ notes }) => {
      notes.close();
      return notes.warnings;
    }),
  };
}

const times = <T>(length: number, make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index));

/** Edits speak about a picture that is already there: a new layout would move what must stay. */
function expansionFor({ expandPrompt, task }: PromptExpansionInput): typeof expandLiterally {
  if (expandPrompt === 'off') return expandLiterally;
  if (task === 'recolour') return expandEdit;
  if (isEditTask(task)) return expandEditTask;
  if (task === 'identity' || task === 'compose') return expandSubjects;
  if (isControlTask(task)) return expandControlled;
  return task === 'text-to-image' ? expandFreely : expandLiterally;
}

function expandEdit(prompt: string, index: number, input: PromptExpansionInput, lexicon: Lexicon): ExpandedPrompt {
  const { expansion, notes, plan } = expandRecolour(prompt, index, input, lexicon);
  return { expansion, notes, plan: () => plan };
}

/** The text as typed, less what could be read as control tokens. */
function expandLiterally(prompt: string, index: number, input: PromptExpansionInput, lexicon: Lexicon): ExpandedPrompt {
  const notes = new Notes();
  const caption = neutralise(prompt).text.replace(/\s+/gu, ' ').trim();
  if (caption === '') throw new PromptNotDrawableError(index, []);
  const facts = literalFacts(prompt, input.negativePrompt, lexicon, notes);
  const expansion = { original: prompt, expanded: caption, facts, explanation: notes.explanation };
  return { expansion, notes, plan: () => ({ caption, layout: [] }) };
}

function expandFreely(prompt: string, index: number, input: PromptExpansionInput, lexicon: Lexicon): ExpandedPrompt {
  const notes = new Notes();
  const scene = planFacts(prompt, input.negativePrompt, input.layout, lexicon, notes);
  if (scene.objects.length === 0 && !scene.place.asked) throw new PromptNotDrawableError(index, scene.unknown);
  const layouts = layoutsOf(scene, lexicon.vocabulary, notes);
  const expanded = expandedSentence(scene, lexicon.vocabulary);
  return {
    expansion: { original: prompt, expanded, facts: layouts.facts, explanation: notes.explanation },
    notes,
    plan: (seed, output) => {
      const { variant, placed } = layouts.draw(mixSeeds(seed, output));
      return { caption: layoutCaption(scene, variant, placed), layout: layouts.planned(placed) };
    },
  };
}
