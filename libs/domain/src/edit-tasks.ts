import type { WeightsManifest } from '@atelier/contracts';

/** Tasks that start from text alone; every other one reads at least one picture. */
const TASKS_FROM_TEXT: ReadonlySet<string> = new Set(['text-to-image', 'storyboard', 'text', 'knowledge']);

/** Names of the tasks that change or follow a given picture and that these weights have learned. */
export const trainedEditTasks = ({ tasks, limits }: Pick<WeightsManifest, 'tasks' | 'limits'>): string[] =>
  limits.maxReferences === 0
    ? []
    : tasks.filter(({ name, trained }) => trained && !TASKS_FROM_TEXT.has(name)).map(({ name }) => name);
