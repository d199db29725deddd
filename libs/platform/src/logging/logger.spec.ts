import { describe, expect, it } from 'vitest';
import { runInTrace } from '../tracing/trace-context.js';
import { createLogger, type LoggerOptions, withLogContext } from './logger.js';
import { NestLogger } from './nest-logger.js';

function capture(level: LoggerOptions['level'] = 'debug') {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { lines, logger: createLogger({ level, name: 'test', destination }) };
}

describe('createLogger', () => {
  it('writes JSON lines with level, name, time and message', () => {
    const { lines, logger } = capture();
    logger.info({ stage: 'decoding' }, 'stage completed');
    expect(lines[0]).toMatchObject({ level: 'info', name: 'test', stage: 'decoding', msg: 'stage completed' });
    expect(Date.parse(String(lines[0]?.time))).not.toBeNaN();
  });

  it('adds the ids of job, run and trace to every line of a piece of work', async () => {
    const { lines, logger } = capture();
    await runInTrace('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', () =>
      withLogContext({ jobId: 'gen_1' }, () =>
        withLogContext({ runId: 'run_1' }, async () => {
          await Promise.resolve();
          logger.warn('deep inside');
        }),
      ),
    );
    logger.warn('outside');
    expect(lines[0]).toMatchObject({
      jobId: 'gen_1',
      runId: 'run_1',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    });
    expect(lines[1]).not.toHaveProperty('jobId');
    expect(lines[1]).not.toHaveProperty('traceId');
  });

  it('never writes what users wrote, or secrets, at any depth', () => {
    const { lines, logger } = capture();
    const secret = 'a red apple';
    logger.error(
      {
        prompt: secret,
        request: { prompts: [secret], negative_prompt: secret, layout: [{ phrase: secret }], seed: 7 },
        headers: { Authorization: secret, 'x-request-id': 'r1' },
        err: Object.assign(new Error('broke', { cause: { caption: secret } }), { input: secret }),
        apiKey: secret,
      },
      'failed',
    );
    expect(JSON.stringify(lines)).not.toContain(secret);
    expect(lines[0]).toMatchObject({
      request: { seed: 7 },
      headers: { 'x-request-id': 'r1' },
      err: { message: 'broke' },
    });
  });

  it('survives cyclic and huge fields', () => {
    const { lines, logger } = capture();
    const cyclic: Record<string, unknown> = { latents: new Float32Array(1_000_000) };
    cyclic.self = cyclic;
    logger.info(cyclic, 'cyclic');
    expect(JSON.stringify(lines[0]).length).toBeLessThan(2_000);
  });

  it('is silent below its level', () => {
    const { lines, logger } = capture('warn');
    logger.info('unheard');
    logger.error('heard');
    expect(lines.map(({ msg }) => msg)).toEqual(['heard']);
  });
});

describe('NestLogger', () => {
  it('writes lines of Nest with their context, and errors with their stack', () => {
    const { lines, logger } = capture();
    const nest = new NestLogger(logger);
    nest.log('Mapped {/v1/jobs, POST} route', 'RouterExplorer');
    nest.error('broke', 'Error: broke\n    at x', 'ExceptionsHandler');
    nest.verbose('details', 'InstanceLoader');
    expect(lines[0]).toMatchObject({ level: 'debug', msg: 'Mapped {/v1/jobs, POST} route', context: 'RouterExplorer' });
    expect(lines[1]).toMatchObject({ level: 'error', msg: 'broke', stack: 'Error: broke\n    at x' });
    expect(lines).toHaveLength(2);
  });
});
