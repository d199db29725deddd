import { z } from 'zod';
import { Box } from './generation-request.js';

/** Something the caller should know although the request was served. */
export const Warning = z.object({
  code: z.string().regex(/^[a-z0-9_]+$/),
  message: z.string(),
  param: z.string().optional(),
});
export type Warning = z.infer<typeof Warning>;

/** One thing asked for. `count` objects of the same concept share an entry. */
export const FactObject = z.object({
  id: z.string(),
  concept: z.string(),
  count: z.number().int().min(1).max(9),
  colour: z.string().optional(),
  /** `colour` is the one it has by nature in the style that is drawn: an object in its natural colour fulfils it. */
  natural: z.boolean().optional(),
});
export type FactObject = z.infer<typeof FactObject>;

export const RELATIONS = ['left-of', 'right-of', 'above', 'below', 'in-front-of', 'behind'] as const;
export const Relation = z.enum(RELATIONS);
export type Relation = z.infer<typeof Relation>;

/** What a prompt asks for, in the vocabulary of the weights: the checker of the scoring stage asks for these. */
export const Facts = z.object({
  objects: z.array(FactObject),
  relations: z.array(z.object({ subject: z.string(), relation: Relation, object: z.string() })),
  /** Concepts the prompt forbids ("no dog"). */
  absent: z.array(z.string()),
  style: z.string().optional(),
  place: z.string().optional(),
  time: z.string().optional(),
});
export type Facts = z.infer<typeof Facts>;

export const PlannedObject = z.object({
  factId: z.string(),
  concept: z.string(),
  colour: z.string().optional(),
  box: Box,
});
export type PlannedObject = z.infer<typeof PlannedObject>;

/** One output as prompt expansion plans it: the caption in the model's own language, and where things go. */
export const OutputPlan = z.object({ caption: z.string().min(1), layout: z.array(PlannedObject) });
export type OutputPlan = z.infer<typeof OutputPlan>;

export const EXPLANATION_KINDS = [
  'kept',
  'translated',
  'synonym',
  'spelling',
  'inflection',
  'negation',
  'substituted',
  'dropped',
  'default',
  'layout',
] as const;

/** One change that prompt expansion made, told to the user. */
export const Explanation = z.object({
  kind: z.enum(EXPLANATION_KINDS),
  from: z.string(),
  to: z.string(),
  message: z.string(),
});
export type Explanation = z.infer<typeof Explanation>;
