import type { JobBody } from '@atelier/client-sdk';
import type { Area, EditSource } from './edits.js';

/** The form as it stands; empty texts leave the choice to the server. */
export interface PromptDraft {
  readonly prompt: string;
  readonly size: string;
  readonly seed: string;
  readonly n: number;
  readonly bestOf: number;
  readonly steps: string;
  /** A picture to change; null draws a new one. */
  readonly source: EditSource | null;
  readonly task: string;
  /** Pictures behind the first one, for tasks that read several. */
  readonly more: readonly EditSource[];
  readonly area: Area | null;
  readonly fromPicture: boolean;
  /** The parts of the prompt become pictures that belong together. */
  readonly story: boolean;
}

export const EMPTY_DRAFT: PromptDraft = {
  prompt: '',
  size: 'auto',
  seed: '',
  n: 1,
  bestOf: 1,
  steps: '',
  source: null,
  task: '',
  more: [],
  area: null,
  fromPicture: true,
  story: false,
};

export const SEED_MAX = 2 ** 32 - 1;

export function drawBodyOf(draft: PromptDraft): JobBody {
  return {
    prompt: draft.prompt.trim(),
    n: draft.n,
    best_of: draft.bestOf,
    ...(draft.story ? { task: 'storyboard' } : {}),
    size: draft.size,
    ...(draft.seed === '' ? {} : { seed: Number(draft.seed) }),
    ...(draft.steps === '' ? {} : { steps: Number(draft.steps) }),
  };
}
