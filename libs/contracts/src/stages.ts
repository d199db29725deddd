import { z } from 'zod';

/**
 * The five stages of a generation in the order of the graph. The same words name folders, topics, metrics,
 * Python modules and dashboard columns, so one search follows a stage through the whole system.
 */
export const STAGES = ['prompt-expansion', 'reference-encoding', 'denoising', 'decoding', 'scoring'] as const;
export const Stage = z.enum(STAGES);
export type Stage = z.infer<typeof Stage>;
