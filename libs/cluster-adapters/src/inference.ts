import { OnnxInference } from '@atelier/inference-onnx';
import { type PlatformEnv, requireVariables, type ServiceContext } from '@atelier/platform';
import type { Inference } from '@atelier/ports';

/** The engine that the environment names: ONNX Runtime in this process, or the Python runtime beside it. */
export async function openInference(weightsDir: string, env: PlatformEnv, context: ServiceContext): Promise<Inference> {
  if (env.ATELIER_INFERENCE === 'grpc') {
    const configured = requireVariables(env, ['ATELIER_PYTHON']);
    // Only a process that asks for it loads gRPC.
    const { openRuntimeInference } = await import('./runtime-inference.js');
    return openRuntimeInference(weightsDir, configured, context);
  }
  const { ATELIER_THREADS: threads, ATELIER_PRECISION: precision } = env;
  const engine = await OnnxInference.open(weightsDir, threads === undefined ? { precision } : { precision, threads });
  context.closers.add(() => engine.close());
  return engine;
}

/** What describes the weights and counts the tokens of a caption: no graph is ever loaded. */
export async function openEngineDescription(
  weightsDir: string,
  { closers }: Pick<ServiceContext, 'closers'>,
): Promise<Pick<Inference, 'describe' | 'countTokens'>> {
  const engine = await OnnxInference.open(weightsDir);
  closers.add(() => engine.close());
  return engine;
}
