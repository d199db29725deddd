import type { Facts, OutputPlan, PromptExpansionInput, PromptExpansionResult } from '@atelier/contracts';
import { candidateSeed } from '@atelier/domain';
import { expandedSentence, layoutCaption } from './caption.js';
import { expandEditTask, isEditTask } from './edits/expand-edit.js';
import { expandRecolour } from './edits/expand-recolour.js';
import { PromptNotDrawableError } from './errors.js';
import { Notes, quoted } from './explain.js';
import { literalFacts } from './facts/literal-facts.js';
import { type FactRelation, factsOf, type PlannedScene, planFacts } from './facts/plan-facts.js';
import { type Instance, snapBox } from './layout/placement.js';
import { type LayoutTask, type PlacedObject, planLayout, planWithoutRules } from './layout/plan-layout.js';
import { type Lexicon, lexiconOf } from './lexicon/lexicon.js';
import { mixSeeds, SeededRandom } from './seeded-random.js';
import { neutralise } from './text/tokens.js';
import type { Vocabulary } from './vocabulary.js';

export type Expansion = PromptExpansionResult['expansions'][number];

interface ExpandedPrompt {
  readonly expansion: Expansion;
  readonly notes: Notes;
  /** The plan of one output by its candidate's seed: equal arguments give an equal plan. */
  plan(seed: number, output: number): OutputPlan;
}

/**
 * Turns what a person typed into what the model was trained to read: facts in the vocabulary of the weights, a layout
 * and a caption per sample and output, an explanation of every change and a warning for everything that is not drawn.
 * Pure: equal arguments give an equal result. Errors: PromptNotDrawableError, EditNotUnderstoodError.
 */
export function expandPrompt(input: PromptExpansionInput, vocabulary: Vocabulary): PromptExpansionResult {
  const lexicon = lexiconOf(vocabulary);
  const expand = expansionFor(input);
  const prompts = input.prompts.map((prompt, index) => expand(prompt, index, input, lexicon));
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
  if (isEditTask(task)) return (...args) => expandEditTask(args[0], args[1], args[2], args[3].vocabulary);
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
  const fallback = settleRelations(scene, lexicon.vocabulary, notes);
  explainBoxes(scene, lexicon.vocabulary, notes);
  const facts = factsOf(scene);
  const expanded = expandedSentence(scene, lexicon.vocabulary);
  return {
    expansion: { original: prompt, expanded, facts, explanation: notes.explanation },
    notes,
    plan: (seed, output) => {
      const { variant, placed } = layoutBySeed(scene, lexicon.vocabulary, mixSeeds(seed, output), fallback);
      return {
        caption: layoutCaption(scene, variant, placed),
        layout: planned(placed, scene, facts, lexicon.vocabulary),
      };
    },
  };
}

interface DrawnLayout {
  readonly variant: number;
  readonly placed: readonly PlacedObject[];
}

/**
 * Gives up relations that no layout satisfies, the last one first, and returns a layout for what is left. It looks at
 * no seed: which relations hold must not depend on how many pictures are asked for, nor on which of them this one is.
 */
function settleRelations(scene: PlannedScene, vocabulary: Vocabulary, notes: Notes): readonly PlacedObject[] {
  for (;;) {
    const task = layoutTask(scene, vocabulary);
    const random = new SeededRandom(0);
    const placed = planLayout(task, random) ?? (scene.relations.length === 0 ? planWithoutRules(task, random) : null);
    if (placed) return placed;
    giveUpRelation(scene.relations, notes);
  }
}

/** The search follows the seed and may miss a layout that exists: then the one already found is used. */
function layoutBySeed(
  scene: PlannedScene,
  vocabulary: Vocabulary,
  seed: number,
  fallback: readonly PlacedObject[],
): DrawnLayout {
  const random = new SeededRandom(seed);
  const variant = random.below(vocabulary.variants);
  return { variant, placed: planLayout(layoutTask(scene, vocabulary), random) ?? fallback };
}

const layoutTask = (scene: PlannedScene, vocabulary: Vocabulary): LayoutTask => ({
  instances: instancesOf(scene, vocabulary),
  relations: scene.relations,
  place: scene.place.id,
  style: scene.style.id,
  vocabulary,
});

function giveUpRelation(relations: FactRelation[], notes: Notes): void {
  const dropped = relations.pop()!;
  const { subject, relation, object } = dropped;
  const message = `${quoted(subject.concept.name)} cannot also be ${relation} ${quoted(object.concept.name)}: drawn without that relation.`;
  notes.explain('dropped', relation, '', message);
  notes.warn('relation_dropped', message);
}

/** The hero first: what was called large, else what was named first. Fixed things before free ones. */
function instancesOf(scene: PlannedScene, vocabulary: Vocabulary): Instance[] {
  const instances = scene.objects.flatMap((object) => {
    const boxes = object.mentions.flatMap((mention) => scene.boxes.get(mention) ?? []);
    return Array.from({ length: object.count }, (_, i) => ({
      object,
      fixed: boxes[i] ? snapBox(boxes[i], vocabulary) : null,
    }));
  });
  const rank = ({ object, fixed }: Instance): number => (fixed ? -2 : object.size === 'large' ? -1 : 0);
  return instances
    .map((instance, i) => ({ instance, i }))
    .sort((a, b) => rank(a.instance) - rank(b.instance) || a.i - b.i)
    .map(({ instance }) => instance);
}

function explainBoxes(scene: PlannedScene, vocabulary: Vocabulary, notes: Notes): void {
  for (const object of scene.objects) {
    for (const box of object.mentions.flatMap((mention) => scene.boxes.get(mention) ?? [])) {
      const { x, y, s } = snapBox(box, vocabulary);
      const percent = (value: number): string => `${Math.round(value * 100)} %`;
      const from = `${percent(box.x)}, ${percent(box.y)}, ${percent(box.width)} x ${percent(box.height)}`;
      const to = `x ${x}, y ${y}, side ${s} of ${vocabulary.bins}`;
      notes.explain(
        'layout',
        from,
        to,
        `The box of ${object.concept.name} was moved to the nearest square of the grid.`,
      );
    }
  }
}

function planned(
  placed: readonly PlacedObject[],
  scene: PlannedScene,
  facts: Facts,
  vocabulary: Vocabulary,
): OutputPlan['layout'] {
  const { bins } = vocabulary;
  return placed.map(({ object, x, y, s }) => ({
    factId: facts.objects[scene.objects.indexOf(object)]!.id,
    concept: object.concept.id,
    ...(object.colour === null ? {} : { colour: object.colour }),
    box: { x: (x - s / 2) / bins, y: (y - s / 2) / bins, width: s / bins, height: s / bins },
  }));
}
