import type { WeightsManifest } from '@atelier/contracts';
import { taskShape } from './task-shapes.js';

/** Names of the tasks that change or follow a given picture and that these weights have learned. */
export const trainedEditTasks = ({ tasks, limits }: Pick<WeightsManifest, 'tasks' | 'limits'>): string[] =>
  limits.maxReferences === 0
    ? []
    : tasks.filter(({ name, trained }) => trained && taskShape(name)?.minReferences !== 0).map(({ name }) => name);
