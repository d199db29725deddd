/** `waiting -> ready -> dispatched -> running -> completed | failed | abandoned | canceled`, and back to `ready` for a retry. */
export const STAGE_RUN_STATES = [
  'waiting',
  'ready',
  'dispatched',
  'running',
  'completed',
  'failed',
  'abandoned',
  'canceled',
] as const;
export type StageRunState = (typeof STAGE_RUN_STATES)[number];
