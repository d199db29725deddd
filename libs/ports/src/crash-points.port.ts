/**
 * Named places where a process may die. Production passes `NO_CRASH_POINTS`; the fault suites pass an implementation
 * that kills the process when a chosen point is reached for the n-th time.
 */
export interface CrashPoints {
  reach(point: CrashPoint): void;
}

export const CRASH_POINTS = [
  'submit.before-commit',
  'submit.after-commit',
  'relay.before-publish',
  'relay.between-publish-and-mark',
  'relay.after-mark',
  'dispatch.before-commit',
  'dispatch.after-commit',
  'worker.before-execute',
  'worker.after-execute',
  'worker.after-blob',
  'worker.after-publish',
  'denoising.after-step',
  'accept.before-commit',
  'accept.after-commit',
  'cancel.before-commit',
  'cancel.after-commit',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

export const NO_CRASH_POINTS: CrashPoints = { reach: () => undefined };
