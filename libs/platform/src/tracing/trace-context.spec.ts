import { describe, expect, it } from 'vitest';
import { currentTrace, currentTraceparent, formatTraceparent, parseTraceparent, runInTrace } from './trace-context.js';

const header = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('trace context', () => {
  it('reads and writes a traceparent header', () => {
    const context = parseTraceparent(header);
    expect(context).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', sampled: true });
    expect(context && formatTraceparent(context)).toBe(header);
  });

  it.each([
    null,
    '',
    'x',
    `01${header.slice(2)}`,
    `${header}-`,
    header.toUpperCase(),
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
  ])('takes %j for no context', (value) => {
    expect(parseTraceparent(value)).toBeNull();
  });

  it('continues the trace of the header with a step of its own', () => {
    runInTrace(header, () => {
      expect(currentTrace()?.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
      expect(currentTrace()?.spanId).not.toBe('00f067aa0ba902b7');
    });
  });

  it('starts a new trace without a readable header', () => {
    expect(parseTraceparent(runInTrace('broken', currentTraceparent))).not.toBeNull();
  });

  it('follows asynchronous work, apart from work beside it, and ends with it', async () => {
    const inTrace = () =>
      runInTrace(null, async () => {
        const before = currentTraceparent();
        await new Promise((resolve) => setImmediate(resolve));
        return [before, currentTraceparent()];
      });
    const [[a1, a2], [b1, b2]] = await Promise.all([inTrace(), inTrace()]);
    expect(a1).toBe(a2);
    expect(b1).toBe(b2);
    expect(a1).not.toBe(b1);
    expect(currentTraceparent()).toBeNull();
  });
});
