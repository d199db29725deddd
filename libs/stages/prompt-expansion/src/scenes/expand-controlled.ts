import type { PromptExpansionInput } from '@atelier/contracts';
import { expandedSentence, layoutCaption } from '../caption.js';
import { PromptNotDrawableError } from '../errors.js';
import type { ExpandedPrompt } from '../expand-prompt.js';
import { Notes } from '../explain.js';
import { planFacts } from '../facts/plan-facts.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import { layoutsOf } from '../scene-layouts.js';
import { mixSeeds } from '../seeded-random.js';

const CONTROL_TASKS = new Set(['edges', 'depth', 'sketch', 'mask']);

/** Tasks whose reference shows where things are. */
export const isControlTask = (task: string): boolean => CONTROL_TASKS.has(task);

/** What instructions say before they describe the picture. */
const LEAD =
  /(?:please )?(?:follow(?:ing)?|with|using|turn|colou?r|fill(?: in)?|complete|continue|extend|finish)(?: exactly)? (?:these|this|the|my)(?: missing| depth)? (?:outlines?|edges?|map|depth|sketch|drawing|holes?|gaps?|part|picture|image)(?: into a picture| beyond its border)?(?: with)?\s*:?|(?:按照|保持|根据)(?:这些|这张|这样的)(?:轮廓|边缘|深度图|远近)[：:，,]?|(?:把|给)这张草图(?:画完整|上色)[：:，,]?|(?:补全|填补)(?:缺失的部分|空白处)[：:，,]?|把画面向外扩展[：:，,]?/giu;

const SQUARE = /(?:<[xys]\d+>){3}/u;

/**
 * `edges. glossy. beach at day <v1>. red apple. dog.`: the things of the sentence. Where they lie the reference shows;
 * squares are written only where the caller drew a box for every one (for one thing in a hole, the edit box is its box).
 * Errors: PromptNotDrawableError.
 */
export function expandControlled(
  prompt: string,
  index: number,
  input: PromptExpansionInput,
  lexicon: Lexicon,
): ExpandedPrompt {
  const notes = new Notes();
  const text = prompt.replace(LEAD, ' ');
  const scene = planFacts(text, input.negativePrompt, input.layout, lexicon, notes);
  if (scene.objects.length === 0 && !scene.place.asked) throw new PromptNotDrawableError(index, scene.unknown);
  const [only] = scene.objects;
  const boxes = new Map(scene.boxes);
  if (input.editBox && input.layout.length === 0 && scene.objects.length === 1 && only?.count === 1) {
    boxes.set(only.mentions[0]!, [input.editBox]);
  }
  const placed = { ...scene, boxes };
  const layouts = layoutsOf(placed, lexicon.vocabulary, notes);
  const isPlaced = scene.objects.every(
    ({ count, mentions }) => mentions.flatMap((mention) => boxes.get(mention) ?? []).length >= count,
  );
  return {
    expansion: {
      original: prompt,
      expanded: expandedSentence(scene, lexicon.vocabulary),
      facts: layouts.facts,
      explanation: notes.explanation,
    },
    notes,
    plan: (seed, output) => {
      const drawn = layouts.draw(mixSeeds(seed, output));
      const caption = layoutCaption(placed, drawn.variant, drawn.placed);
      const words = isPlaced ? caption : caption.replaceAll(new RegExp(` ${SQUARE.source}`, 'gu'), '');
      return { caption: `${input.task}. ${words}`, layout: isPlaced ? layouts.planned(drawn.placed) : [] };
    },
  };
}
