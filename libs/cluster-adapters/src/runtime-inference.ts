import { fileURLToPath } from 'node:url';
import {
  type RuntimeCommand,
  RuntimeUnusableError,
  SupervisedInference,
  type SupervisorEvent,
} from '@atelier/inference-grpc';
import type { PlatformEnv, ServiceContext } from '@atelier/platform';
import type { Inference } from '@atelier/ports';
import type { Configured } from './configured.js';

/** The Python package of this repository; the path is the same from `src` and from `dist`. */
const RUNTIME_SOURCES = fileURLToPath(new URL('../../../gpu-runtime/src', import.meta.url));

/**
 * The Python runtime as a child process of the worker: it is ready when the runtime is warm, not ready while a lost one
 * is started again, and the worker ends when no restart can help.
 */
export async function openRuntimeInference(
  weightsDir: string,
  env: PlatformEnv & Configured<'ATELIER_PYTHON'>,
  context: ServiceContext,
): Promise<Inference> {
  const { closers } = context;
  const engine = await SupervisedInference.open({
    command: runtimeCommand(weightsDir, env),
    onEvent: observeRuntime(context),
  });
  closers.add(() => engine.close());
  return engine;
}

export function runtimeCommand(weightsDir: string, env: PlatformEnv & Configured<'ATELIER_PYTHON'>): RuntimeCommand {
  const { ATELIER_PYTHON, ATELIER_DEVICE, ATELIER_PRECISION, ATELIER_THREADS } = env;
  const options = ['--weights', weightsDir, '--device', ATELIER_DEVICE, '--precision', ATELIER_PRECISION];
  const threads = ATELIER_THREADS === undefined ? [] : ['--threads', String(ATELIER_THREADS)];
  return {
    program: ATELIER_PYTHON,
    args: ['-m', 'atelier_runtime.serving', ...options, ...threads],
    // Idle threads of PyTorch would spin on the cores that the other processes need.
    env: { PYTHONPATH: RUNTIME_SOURCES, PYTHONDONTWRITEBYTECODE: '1', OMP_WAIT_POLICY: 'PASSIVE' },
  };
}

/** What the supervisor does, as readiness, log lines and metrics of the worker. */
export function observeRuntime(context: ServiceContext): (event: SupervisorEvent) => void {
  const { readiness, telemetry, logger, fail } = context;
  const gate = readiness.gate('runtime', 'cold: the runtime is being started');
  const losses = telemetry.counter('atelier_runtime_losses_total', 'Runtime processes that died, hung or were killed.');
  let [isWarm, wasWarm] = [false, false];
  telemetry.gauge('atelier_runtime_warm', '1 while the runtime draws at full speed, 0 while it starts.', () => [
    { value: isWarm ? 1 : 0 },
  ]);
  let runtimePid: number | undefined;
  return (event) => {
    switch (event.kind) {
      case 'started':
        runtimePid = event.pid;
        return;
      case 'ready':
        isWarm = true;
        wasWarm = true;
        gate.open();
        logger.info({ runtimePid, afterMs: event.afterMs }, 'the runtime is warm');
        return;
      case 'lost':
        isWarm = false;
        losses.add(1);
        gate.hold(`the runtime is started again: ${event.cause}`);
        logger.error({ cause: event.cause, restartInMs: event.restartInMs }, 'the runtime was lost');
        return;
      case 'unusable':
        isWarm = false;
        gate.hold(event.cause);
        // While it starts, whoever waits for it is told anyway.
        if (wasWarm) fail(new RuntimeUnusableError(event.cause));
        return;
      case 'log':
        logger.debug({ runtimePid }, event.line);
    }
  };
}
