import type { PromptExpansionInput } from '@atelier/contracts';
import type { EditHint } from '../errors.js';
import type { ExpandedPrompt } from '../expand-prompt.js';
import { Notes, warnOfControlTokens } from '../explain.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import { neutralise } from '../text/tokens.js';
import { ADD_HINT, readAdd } from './add.js';
import { BACKGROUND_HINT, readBackground } from './background.js';
import { type EditContext, type EditReading, editContext, tellIgnored } from './edit-context.js';
import { editLexiconOf } from './edit-words.js';
import { readInstruction } from './instruction.js';
import { MOVE_HINT, readMove } from './move.js';
import { REMOVE_HINT, readRemove } from './remove.js';
import { REPLACE_HINT, readReplace } from './replace.js';
import { readStyle, STYLE_HINT } from './style.js';

interface EditTask {
  readonly hint: EditHint;
  read(context: EditContext): EditReading;
}

const EDITS: Readonly<Record<string, EditTask>> = {
  add: { hint: ADD_HINT, read: readAdd },
  remove: { hint: REMOVE_HINT, read: readRemove },
  replace: { hint: REPLACE_HINT, read: readReplace },
  move: { hint: MOVE_HINT, read: readMove },
  background: { hint: BACKGROUND_HINT, read: readBackground },
  style: { hint: STYLE_HINT, read: readStyle },
};

/** Tasks whose instruction is read here; recolouring has a reader of its own. */
export const isEditTask = (task: string): boolean => Object.hasOwn(EDITS, task);

/**
 * An instruction to edit, in the caption language of its task. Errors: EditNotUnderstoodError for everything that is not
 * understood whole.
 */
export function expandEditTask(
  prompt: string,
  promptIndex: number,
  input: PromptExpansionInput,
  { vocabulary }: Lexicon,
): ExpandedPrompt {
  const { hint, read } = EDITS[input.task]!;
  const lexicon = editLexiconOf(vocabulary);
  const notes = new Notes();
  const { text, removed } = neutralise(prompt);
  const instruction = readInstruction(text, lexicon);
  warnOfControlTokens(removed, notes);
  const reading = read(editContext(input, promptIndex, instruction, hint, lexicon, notes));
  tellIgnored(instruction, notes);
  const { expanded, facts } = reading;
  return {
    notes,
    expansion: { original: prompt, expanded, facts, explanation: notes.explanation },
    plan: (seed) => reading.plan(seed),
  };
}
