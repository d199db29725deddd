import { type EditHint, EditNotUnderstoodError } from '../errors.js';
import { quoted } from '../explain.js';
import { neutralise } from '../text/tokens.js';
import type { Vocabulary } from '../vocabulary.js';
import { sift } from './edit-context.js';
import { editLexiconOf } from './edit-words.js';
import { type Instruction, type NamedThing, readInstruction } from './instruction.js';

export const TOLD_TASKS = ['recolour', 'add', 'remove', 'replace', 'move', 'background', 'style'] as const;
export type ToldTask = (typeof TOLD_TASKS)[number];

export interface TaskGuess {
  readonly task: ToldTask;
  /** 1 where a verb of the task was said, less where the rest of the sentence tells it. */
  readonly confidence: number;
}

const EXAMPLES: Readonly<Record<ToldTask, string>> = {
  recolour: 'make the apple blue',
  add: 'add a dog on the left',
  remove: 'remove the dog',
  replace: 'replace the dog with a cat',
  move: 'move the dog to the left',
  background: 'put everything on a beach at night',
  style: 'redraw it in flat style',
};

/**
 * Which edit a sentence asks for, of the `tasks` that the weights know; null where it asks for none of them. It tells
 * the task only: the sentence may still be refused by it.
 * Errors: EditNotUnderstoodError where it can be read as two, naming both.
 */
export function taskOf(
  sentence: string,
  vocabulary: Vocabulary,
  tasks: readonly string[] = TOLD_TASKS,
): TaskGuess | null {
  const instruction = readInstruction(neutralise(sentence).text, editLexiconOf(vocabulary));
  const guesses = readingsOf(instruction).filter(({ task }) => tasks.includes(task));
  const [best, other] = guesses;
  if (!best) return null;
  if (!other) return best;
  const named = guesses.map(({ task }) => `${task} (${quoted(EXAMPLES[task])})`);
  const hint: EditHint = { say: 'Ask for one edit at a time, or name the task.', lists: [] };
  throw new EditNotUnderstoodError(0, `it can be read as ${named.join(' or ')}`, hint, vocabulary);
}

/** Every task that the sentence could ask for. */
function readingsOf(instruction: Instruction): TaskGuess[] {
  const { acts, things, colours, scenes, sides, relations, pictures } = sift(instruction);
  const does = (...names: readonly string[]): boolean => acts.some((act) => names.includes(act));
  const found = new Map<ToldTask, number>();
  const concepts = new Set(things.map(({ concept }) => concept));
  const isPlaced = sides.length > 0 || relations.length > 0;
  const style = scenes.some(({ kind }) => kind === 'style') || (does('style') && pictures.length > 0);
  const setting = scenes.some(({ kind }) => kind !== 'style');
  const one = things[0];

  if (
    concepts.size >= 2 &&
    (does('replace', 'instead') || (does('change', 'should') && !does('add', 'remove', 'move')))
  ) {
    found.set('replace', does('replace', 'instead') ? 1 : 0.9);
  }
  if (does('replace') && concepts.size < 2 && !setting && !style) found.set('replace', 1);
  if (one && !found.has('replace')) thingTasks(one);
  if (setting && !found.has('add')) {
    if (things.length === 0 && (acts.length > 0 || !style))
      found.set('background', does('ground', 'whole', 'change', 'put') ? 1 : 0.6);
    // "put the dog on a beach": everything, or only the dog?
    else if (things.length > 0 && does('put', 'move', 'change') && colours.length === 0 && !found.has('remove'))
      found.set('background', 0.5);
  }
  // The task is plain although what it is to happen to is not: its own refusal says more than none.
  if (!one && !setting && !style && instruction.parts.some(({ type }) => type === 'strange')) {
    for (const task of ['add', 'remove', 'move'] as const) if (does(task)) found.set(task, 1);
  }
  if (style && things.length === 0) found.set('style', does('style', 'change') ? 1 : 0.6);
  return [...found].map(([task, confidence]) => ({ task, confidence }));

  function thingTasks(thing: NamedThing): void {
    const newColour =
      colours.length > 0 || (concepts.size === 1 && things.length > 1 && things.at(-1)!.colours.length > 0);
    const isTold = does('exist');
    if (does('remove') || (does('take') && does('away'))) found.set('remove', 1);
    else if (does('without')) found.set('remove', 0.8);
    const silent = does('add', 'exist', 'put') || (does('remove', 'without') && !does('change', 'recolour'));
    if (newColour && !silent) {
      found.set('recolour', does('change', 'recolour') ? 1 : 0.8);
    }
    if (does('move')) found.set('move', 1);
    if (does('add') && (!found.has('remove') || concepts.size > 1)) found.set('add', 1);
    else if (isTold && !found.has('remove')) found.set('add', 0.9);
    if (does('put') && !does('instead')) found.set(thing.definite === true ? 'move' : 'add', 0.9);
    const hasVerb = found.size > 0;
    if (!hasVerb && isPlaced && does('should') && thing.definite !== false) found.set('move', 0.8);
    if (!hasVerb && isPlaced && does('change') && thing.definite !== false) found.set('move', 0.6);
  }
}
