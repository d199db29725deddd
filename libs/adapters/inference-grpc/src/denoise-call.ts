import type { DenoiseHooks, DenoiseOutcome, DenoiseRequest } from '@atelier/ports';
import type { InferenceClient, WireDenoiseEvent } from './contract.js';
import { abortError, fromStatus, isServiceError, RuntimeFaultError } from './runtime-errors.js';
import { fromWireTensor, toWireRequest } from './wire.js';

type StepDone = NonNullable<WireDenoiseEvent['stepDone']>;

/**
 * One denoise as a stream: the runtime reports a step and waits, the hook runs, `proceed` starts the next one. Without
 * a hook nothing is reported and no step waits. An abort cancels the call; the runtime stops within one step.
 */
export async function denoiseOver(
  client: InferenceClient,
  request: DenoiseRequest,
  { signal, onStep }: DenoiseHooks,
): Promise<DenoiseOutcome> {
  if (signal?.aborted) throw abortError();
  const call = client.denoise();
  const cancel = () => call.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    call.write({ start: toWireRequest(request, onStep !== undefined) });
    for await (const event of call as AsyncIterable<WireDenoiseEvent>) {
      if (event.outcome) {
        const { latents, stepsRun } = event.outcome;
        return { latents: latents.map(fromWireTensor), stepsRun };
      }
      if (!event.stepDone) continue;
      await onStep?.(toProgress(event.stepDone));
      if (signal?.aborted) throw abortError();
      call.write({ proceed: {} });
    }
    throw new RuntimeFaultError('the runtime ended a denoise without an outcome');
  } catch (error) {
    if (signal?.aborted) throw abortError();
    throw isServiceError(error) ? fromStatus(error) : error;
  } finally {
    signal?.removeEventListener('abort', cancel);
    // The stream may fail once more after we left it.
    call.on('error', () => {});
    call.cancel();
  }
}

const toProgress = ({ step, steps, state, predictedClean }: StepDone) => ({
  step,
  steps,
  state: { ...state, latents: state.latents.map(fromWireTensor) },
  predictedClean: predictedClean.map(fromWireTensor),
});
