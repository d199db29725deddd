export { type TaskGuess, TOLD_TASKS, type ToldTask, taskOf } from './edits/task-of.js';
export * from './errors.js';
export { expandPrompt } from './expand-prompt.js';
export { promptExpansionPolicy } from './prompt-expansion-policy.js';
export type { CaptionBudget } from './scenes/expand-story.js';
export { readVocabulary } from './shipped-vocabulary.js';
export * from './vocabulary.js';
