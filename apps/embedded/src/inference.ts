import { OnnxInference } from '@atelier/inference-onnx';
import type { Inference } from '@atelier/ports';

/** The ONNX engine on a folder of weights. */
export const openInference = (weightsDir: string, threads?: number): Promise<Inference> =>
  OnnxInference.open(weightsDir, threads === undefined ? {} : { threads });
