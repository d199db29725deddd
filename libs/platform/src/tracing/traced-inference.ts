import type { Inference, Telemetry } from '@atelier/ports';
import { inSpan } from './in-span.js';

/** The same engine with a span around every call, a step of a denoise among them. */
export function tracedInference(inference: Inference, telemetry: Pick<Telemetry, 'startSpan'>): Inference {
  const traced = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    inSpan(telemetry, `inference.${name}`, { kind: 'internal' }, work);
  return {
    describe: () => inference.describe(),
    countTokens: (caption) => inference.countTokens(caption),
    close: () => inference.close(),
    decode: (latents, size) => traced('decode', () => inference.decode(latents, size)),
    encode: (image) => traced('encode', () => inference.encode(image)),
    encodeReference: (...args) => traced('encodeReference', () => inference.encodeReference(...args)),
    score: (image, facts) => traced('score', () => inference.score(image, facts)),
    denoise: (request, hooks) =>
      inSpan(telemetry, 'inference.denoise', { kind: 'internal' }, async (span) => {
        span.set({
          'atelier.steps': request.steps,
          'atelier.width_px': request.size.widthPx,
          'atelier.height_px': request.size.heightPx,
          'atelier.resumed_from_step': request.resume?.step ?? 0,
        });
        const outcome = await inference.denoise(request, hooks);
        span.set({ 'atelier.steps_run': outcome.stepsRun });
        return outcome;
      }),
  };
}
