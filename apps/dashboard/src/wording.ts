import { ApiError, AuthenticationError, ConnectionError, type Job, QueueFullError } from '@atelier/client-sdk';

/** In the order in which a job goes through them. */
export const JOB_STATES: readonly Job['status'][] = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'canceled',
  'rejected',
];

/** `12 ms`, `1.4 s`, `2 min 05 s`; null reads as a dash. */
export function milliseconds(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** The time of a moment of today; day and time of an older one. Epoch milliseconds. */
export function moment(at: number, now: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.toLocaleDateString([], { day: 'numeric', month: 'short' })}, ${time}`;
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** An error as a sentence that says what to do next. */
export function errorSentence(error: unknown): string {
  if (error instanceof ConnectionError) return 'The server does not answer. Is it still running?';
  if (error instanceof AuthenticationError) {
    return `${sentence(error.message)} Enter a key at the top of the page.`;
  }
  if (error instanceof QueueFullError && error.retryAfterMs !== undefined) {
    return `${sentence(error.message)} Try again in ${milliseconds(error.retryAfterMs)}.`;
  }
  if (error instanceof ApiError) return sentence(error.message);
  return sentence(error instanceof Error ? error.message : String(error));
}

/** Capital letter first, full stop last. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?。！？]$/.test(capital) ? capital : `${capital}.`;
}

/** How a job that gave no picture ended. */
export function endSentence(job: Pick<Job, 'status' | 'error'>): string {
  if (job.status === 'canceled') return 'Canceled before a picture was finished.';
  const what = job.status === 'rejected' ? 'The request was refused' : 'The drawing failed';
  return job.error ? sentence(`${what}: ${job.error.message}`) : `${what}.`;
}
