import { expect, it } from 'vitest';
import { createLogger } from '../logging/logger.js';
import { currentTrace } from '../tracing/trace-context.js';
import { GENERATION_ID, handlerOf, notAborted, outgoing, received } from './middleware.fixtures.js';
import { trace } from './trace.js';

const handler = handlerOf('generation.canceled.v1');

it('continues the trace of the message', async () => {
  const { headers } = outgoing('1', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01');
  let traceId: string | undefined;
  const consume = trace()(async () => {
    traceId = currentTrace()?.traceId;
  }, handler);
  await consume({ message: received({ headers }), signal: notAborted });
  expect(traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
});

it('names the job in every line that the handler logs', async () => {
  const lines: { jobId?: string }[] = [];
  const logger = createLogger({
    level: 'info',
    name: 'test',
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  const consume = trace()(async () => logger.info('at work'), handler);
  await consume({ message: received(), signal: notAborted });
  await consume({ message: received({ key: 'worker-1' }), signal: notAborted });
  expect(lines.map(({ jobId }) => jobId)).toEqual([GENERATION_ID, undefined]);
});
