import type { EventLogEntry, JobStreamEvent } from '@atelier/client-sdk';
import { describe, expect, it } from 'vitest';
import { advance, type LiveProgress, NO_PROGRESS, progressText, shareDone } from './progress.js';

const entry = (part: Partial<EventLogEntry>, preview_url?: string): JobStreamEvent => ({
  kind: 'entry',
  entry: { sequence: 1, type: 'stage.progressed', at: 0, runId: 'run', data: {}, ...part },
  ...(preview_url === undefined ? {} : { preview_url }),
});
const denoising = (step: number, sampleIndex = 0, candidateIndex = 0, preview?: string) =>
  entry({ stage: 'denoising', sampleIndex, candidateIndex, data: { step, steps: 4 } }, preview);
const after = (...events: JobStreamEvent[]): LiveProgress => events.reduce(advance, NO_PROGRESS);

const RUNNING = { queue: null };

describe('progress of a job', () => {
  it('says place and reason while the job waits', () => {
    const queue = { position: 2, reason: 'two other jobs are before it' };
    expect(progressText({ queue }, NO_PROGRESS)).toBe('Place 3 in the queue: two other jobs are before it');
  });

  it('says the step while it draws, and that it tries again after a failure', () => {
    const drawing = after(denoising(3));
    expect(progressText(RUNNING, drawing)).toBe('Drawing, step 3 of 4');
    const retrying = advance(drawing, entry({ type: 'stage.retrying', stage: 'denoising' }));
    expect(progressText(RUNNING, retrying)).toBe('Drawing did not work, trying again');
    expect(progressText(RUNNING, advance(retrying, entry({ type: 'stage.started', stage: 'denoising' })))).toBe(
      'Drawing',
    );
  });

  it('says between two stages that it waits, and what for once the server has told it', () => {
    const between = after(denoising(4), entry({ type: 'stage.completed', stage: 'denoising' }));
    expect(progressText(RUNNING, between)).toBe('Waiting for a worker');
    expect(progressText({ queue: { position: 0, reason: 'the worker is busy' } }, between)).toBe(
      'Next in the queue: the worker is busy',
    );
  });

  it('counts every candidate of every picture', () => {
    const scored = entry({ type: 'stage.completed', stage: 'scoring', sampleIndex: 0, candidateIndex: 0 });
    expect(shareDone(after(scored), { n: 2, best_of: 2 })).toBe(0.25);
    expect(shareDone(after(scored), { n: 1, best_of: 1 })).toBe(1);
  });

  it('keeps the latest preview of each picture apart', () => {
    const progress = after(denoising(1, 0, 0, '/a'), denoising(1, 1, 0, '/b'), denoising(2, 0, 0, '/c'), denoising(3));
    expect(progress.previews).toEqual({ 0: '/c', 1: '/b' });
  });
});
