import type { PromptExpansionInput } from '@atelier/contracts';
import { jointCaption, storyboardFrames } from '@atelier/domain';
import { expandedSentence, layoutCaption } from '../caption.js';
import { EditNotUnderstoodError, PromptNotDrawableError } from '../errors.js';
import type { ExpandedPrompt } from '../expand-prompt.js';
import { Notes } from '../explain.js';
import type { ChosenObject } from '../facts/choose-objects.js';
import { type PlannedScene, planFacts } from '../facts/plan-facts.js';
import type { Square } from '../layout/geometry.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import { layoutsOf, type SceneLayouts } from '../scene-layouts.js';
import { mixSeeds } from '../seeded-random.js';
import { englishOf, type Vocabulary } from '../vocabulary.js';

/** Frames of one story share the text tokens: hero and two more are what training shows. */
const MAX_THINGS = 3;

/** What the captions of all pictures of a story together may take. */
export interface CaptionBudget {
  readonly maxTextTokens: number;
  countTokens(text: string): number;
}

interface Frame {
  readonly text: string;
  readonly scene: PlannedScene;
  readonly notes: Notes;
  readonly layouts: SceneLayouts;
  readonly hero: ChosenObject | null;
  /** The frame is at the place of the one before it. */
  readonly stays: boolean;
}

/** How stories tell the time of day. */
const saidPlainly = (text: string): string =>
  text
    .replace(/夜幕降临|天黑了?/gu, '夜晚')
    .replace(/清晨来临|天亮了?/gu, '清晨')
    .replace(/\b(?:it (?:gets|grows|becomes|is) dark|darkness falls)\b/giu, 'at night')
    .replace(/\bmorning (?:breaks|comes)\b/giu, 'at dawn');

const ALONE = /\balone\b|\bby itself\b|\bleaves?\b|只剩|独自|离开/iu;

/**
 * A story frame by frame: every caption is that of a picture of its own, with hero, place, time and style carried on
 * until a frame says otherwise. One prompt per frame, or one text that `storyboardFrames` cuts. Beyond the budget every
 * picture shows fewer things, with a warning. Errors: PromptNotDrawableError, EditNotUnderstoodError for another number
 * of frames.
 */
export function expandStory(
  input: PromptExpansionInput,
  lexicon: Lexicon,
  budget: CaptionBudget | null,
): ExpandedPrompt[] {
  const { prompts, outputs } = input;
  const texts = prompts.length === 1 ? storyboardFrames(prompts[0]!) : prompts;
  if (texts.length !== outputs) {
    const hint = {
      say: 'Tell one sentence per picture: "1. a dog on a meadow 2. the dog meets a cat".',
      lists: [],
    } as const;
    throw new EditNotUnderstoodError(
      0,
      `the story has ${texts.length} frames for ${outputs} pictures`,
      hint,
      lexicon.vocabulary,
    );
  }
  const frames = tellWithin(budget, texts, input, lexicon);
  const plan: ExpandedPrompt['plan'] = (seed, output) => drawFrame(frames, output, seed, lexicon.vocabulary);
  if (prompts.length > 1) {
    return frames.map(({ text, scene, notes, layouts }) => ({
      expansion: {
        original: text,
        expanded: expandedSentence(scene, lexicon.vocabulary),
        facts: layouts.facts,
        explanation: notes.explanation,
      },
      notes,
      plan,
    }));
  }
  const notes = new Notes();
  for (const frame of frames) for (const { code, message } of frame.notes.warnings) notes.warn(code, message);
  const expanded = frames.map(({ scene }, i) => `${i + 1}. ${expandedSentence(scene, lexicon.vocabulary)}`).join('; ');
  // One text has one set of facts for all its pictures: what holds in each of them.
  const hero = frames.every((frame) => frame.hero) ? (frames[0]!.layouts.facts.objects[0] ?? null) : null;
  const facts = { objects: hero ? [hero] : [], relations: [], absent: [] };
  const explanation = frames.flatMap((frame) => frame.notes.explanation);
  return [{ expansion: { original: prompts[0]!, expanded, facts, explanation }, notes, plan }];
}

/** The story with as many things per picture as the budget allows; one is always shown. */
function tellWithin(
  budget: CaptionBudget | null,
  texts: readonly string[],
  input: PromptExpansionInput,
  lexicon: Lexicon,
): Frame[] {
  const { vocabulary } = lexicon;
  for (let maxObjects = vocabulary.maxObjects; ; maxObjects -= 1) {
    const frames = tell(texts, input, lexicon, maxObjects);
    if (budget === null || maxObjects === 1) return frames;
    // A square is three tokens wherever it lies: any seed tells the length.
    const captions = frames.map((_, output) => drawFrame(frames, output, 0, vocabulary).caption);
    if (budget.countTokens(jointCaption('storyboard', captions)) <= budget.maxTextTokens) return frames;
  }
}

function tell(texts: readonly string[], input: PromptExpansionInput, lexicon: Lexicon, maxObjects: number): Frame[] {
  const frames: Frame[] = [];
  for (const text of texts) {
    const index = input.prompts.length > 1 ? frames.length : 0;
    frames.push(nextFrame(text, frames.at(-1), input, lexicon, index, maxObjects));
  }
  return frames;
}

function nextFrame(
  typed: string,
  before: Frame | undefined,
  input: PromptExpansionInput,
  lexicon: Lexicon,
  index: number,
  maxObjects: number,
): Frame {
  const { vocabulary } = lexicon;
  const text = saidPlainly(typed);
  const own = planFacts(text, input.negativePrompt, [], lexicon, new Notes(), maxObjects);
  const notes = new Notes();
  const stays = before !== undefined && (!own.place.asked || own.place.id === before.scene.place.id);
  const told = before ? `${text} . ${carried(text, own, before, stays, vocabulary, maxObjects)}` : text;
  const scene = planFacts(told, input.negativePrompt, index === 0 ? input.layout : [], lexicon, notes, maxObjects);
  if (scene.objects.length === 0 && !scene.place.asked) throw new PromptNotDrawableError(index, scene.unknown);
  if (before) keepColours(scene, before.scene);
  const layouts = layoutsOf(scene, vocabulary, notes);
  const first = before ? before.hero : (scene.objects[0] ?? null);
  const hero = first && (scene.objects.find(({ concept }) => concept === first.concept) ?? null);
  return { text: typed, scene, notes, layouts, hero: hero ?? (before ? null : first), stays };
}

/** "the car" of a later frame is as red as it was. */
function keepColours({ objects, style }: PlannedScene, before: PlannedScene): void {
  for (const object of objects) {
    const colour = before.objects.find(({ concept }) => concept === object.concept)?.colour ?? null;
    if (object.colour === null && colour !== null && object.concept.colours[style.id]?.includes(colour)) {
      object.colour = colour;
    }
  }
}

/** What the frame before shows and this one does not speak of, in words. */
function carried(
  text: string,
  own: PlannedScene,
  before: Frame,
  stays: boolean,
  vocabulary: Vocabulary,
  maxObjects: number,
): string {
  const isAlone = ALONE.test(text);
  const known = new Set(own.objects.map(({ concept }) => concept));
  const goOn = before.scene.objects.filter(
    (object) =>
      !known.has(object.concept) &&
      !own.absent.includes(object.concept.id) &&
      (object === before.hero || (stays && !isAlone)),
  );
  const things = goOn
    .sort((a, b) => Number(b === before.hero) - Number(a === before.hero))
    .slice(
      0,
      Math.max(
        before.hero && goOn.includes(before.hero) ? 1 : 0,
        Math.min(MAX_THINGS, maxObjects) - own.objects.length,
      ),
    )
    .map(({ concept, colour, count }) =>
      [count > 1 ? String(count) : 'a', colour, count > 1 ? concept.plural : concept.name].filter(Boolean).join(' '),
    );
  const parts = [
    ...things,
    ...(own.place.asked ? [] : [englishOf(vocabulary.places, before.scene.place.id)]),
    ...(own.time.asked ? [] : [englishOf(vocabulary.times, before.scene.time.id)]),
    ...(own.style.asked ? [] : [`${before.scene.style.id} style`]),
  ];
  return parts.join(', ');
}

/** What stays where it is keeps its square; the ground of one place is one variant. */
function drawFrame(
  frames: readonly Frame[],
  output: number,
  seed: number,
  vocabulary: Vocabulary,
): ReturnType<ExpandedPrompt['plan']> {
  let squares = new Map<string, Square>();
  let variant = 0;
  for (let i = 0; i <= output; i++) {
    const frame = frames[i]!;
    const { objects } = frame.scene;
    const fixed = new Map(
      objects.flatMap((object) => {
        const square = squares.get(object.concept.id);
        const isFree =
          square && object.count === 1 && object.side === null && standsIn(square, object, frame, vocabulary);
        return isFree ? [[object, square] as const] : [];
      }),
    );
    const drawn = frame.layouts.draw(mixSeeds(seed, i), fixed);
    if (!frame.stays) variant = drawn.variant;
    squares = new Map(drawn.placed.map(({ object, x, y, s }) => [object.concept.id, { x, y, s }] as const));
    if (i === output) {
      return {
        caption: layoutCaption(frame.scene, variant, drawn.placed),
        layout: frame.layouts.planned(drawn.placed),
      };
    }
  }
  throw new RangeError(`the story has no frame ${output}`);
}

/** Its foot is on the ground of the new place too. */
function standsIn({ y, s }: Square, { concept }: ChosenObject, { scene }: Frame, { baseLines }: Vocabulary): boolean {
  if (concept.placement === 'sky') return true;
  const [top, bottom] = baseLines.ground[scene.place.id] ?? [0, Number.POSITIVE_INFINITY];
  return scene.relations.length === 0 && y + s / 2 >= top && y + s / 2 <= bottom;
}
