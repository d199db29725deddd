import { InferenceMemoryError } from '@atelier/ports';
import { describe, expect, it } from 'vitest';
import { SessionError, toSessionError } from './session-error.js';

describe('a session error', () => {
  it.each([
    'std::bad_alloc',
    'Failed to allocate memory for requested buffer of size 1073741824',
    'BFCArena: Available memory of 1024 is smaller than requested bytes of 4096',
    'Array buffer allocation failed',
    'Worker terminated due to reaching memory limit: JS heap out of memory',
  ])('"%s" is exhausted memory', (message) => {
    expect(toSessionError(message)).toBeInstanceOf(InferenceMemoryError);
  });

  it.each(['Got invalid dimensions for input: latents', 'Load model from step.onnx failed: Protobuf parsing failed'])(
    '"%s" is not',
    (message) => {
      expect(toSessionError(message)).toBeInstanceOf(SessionError);
    },
  );
});
