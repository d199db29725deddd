import type { GenerationState, SampleState } from '@atelier/contracts';

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

/** What may happen to a stage run. `retry` covers failures that are tried again, lost workers and work handed back. */
export const STAGE_RUN_CHANGES = [
  'release',
  'dispatch',
  'start',
  'complete',
  'retry',
  'fail',
  'abandon',
  'cancel',
] as const;
export type StageRunChange = (typeof STAGE_RUN_CHANGES)[number];

export type GenerationChange = 'start' | 'succeed' | 'fail' | 'reject' | 'cancel';

const neverReached = (value: never): never => {
  throw new TypeError(`unhandled value ${JSON.stringify(value)}`);
};

/** The state after a change, or null where the change is not allowed: the caller then drops it as late or repeated. */
export function nextRunState(state: StageRunState, change: StageRunChange): StageRunState | null {
  switch (change) {
    case 'release':
      return state === 'waiting' ? 'ready' : null;
    case 'dispatch':
      return isDispatchable(state) ? 'dispatched' : null;
    case 'start':
      return state === 'dispatched' ? 'running' : null;
    case 'complete':
      // Ready: taken back, but the result of its last execution came before the next one was ordered.
      return isInFlight(state) || isDispatchable(state) ? 'completed' : null;
    case 'retry':
      return isInFlight(state) ? 'ready' : null;
    case 'fail':
      return isRunActive(state) ? 'failed' : null;
    case 'abandon':
      return isRunActive(state) ? 'abandoned' : null;
    case 'cancel':
      return isRunActive(state) ? 'canceled' : null;
    default:
      return neverReached(change);
  }
}

/** The state after a change, or null where the change is not allowed. A terminal state is never left. */
export function nextGenerationState(state: GenerationState, change: GenerationChange): GenerationState | null {
  if (isGenerationTerminal(state)) return null;
  switch (change) {
    case 'start':
      return state === 'queued' ? 'running' : null;
    case 'succeed':
      return state === 'running' ? 'succeeded' : null;
    case 'fail':
      return 'failed';
    case 'reject':
      return 'rejected';
    case 'cancel':
      return 'canceled';
    default:
      return neverReached(change);
  }
}

// --- stage runs

/** A worker holds an order for it, so a result may still come. */
export const IN_FLIGHT_STATES = ['dispatched', 'running'] as const satisfies readonly StageRunState[];

export const isInFlight = (state: StageRunState): boolean => state === 'dispatched' || state === 'running';

export const isDispatchable = (state: StageRunState): boolean => state === 'ready';

/** Not yet at an end: may still be released, dispatched, completed, failed, abandoned or canceled. */
export function isRunActive(state: StageRunState): boolean {
  switch (state) {
    case 'waiting':
    case 'ready':
    case 'dispatched':
    case 'running':
      return true;
    case 'completed':
    case 'failed':
    case 'abandoned':
    case 'canceled':
      return false;
    default:
      return neverReached(state);
  }
}

// --- generations and samples

export function isGenerationTerminal(state: GenerationState): boolean {
  switch (state) {
    case 'queued':
    case 'running':
      return false;
    case 'succeeded':
    case 'failed':
    case 'canceled':
    case 'rejected':
      return true;
    default:
      return neverReached(state);
  }
}

export function isSampleSettled(state: SampleState): boolean {
  switch (state) {
    case 'queued':
    case 'running':
      return false;
    case 'succeeded':
    case 'failed':
    case 'canceled':
      return true;
    default:
      return neverReached(state);
  }
}
