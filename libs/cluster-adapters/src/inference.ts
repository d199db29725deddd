import { OnnxInference } from '@atelier/inference-onnx';
import type { PlatformEnv } from '@atelier/platform';
import type { Inference } from '@atelier/ports';

export const openInference = (weightsDir: string, { ATELIER_THREADS: threads }: PlatformEnv): Promise<Inference> =>
  OnnxInference.open(weightsDir, threads === undefined ? {} : { threads });

/** What describes the weights and counts the tokens of a caption: no graph is ever loaded. */
export const openEngineDescription = (
  weightsDir: string,
): Promise<Pick<Inference, 'describe' | 'countTokens' | 'close'>> => OnnxInference.open(weightsDir);
