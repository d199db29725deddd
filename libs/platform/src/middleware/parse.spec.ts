import { UnparseableMessageError } from '@atelier/contracts';
import { expect, it } from 'vitest';
import { canceled, handlerOf, notAborted, received } from './middleware.fixtures.js';
import { parseAndHandle } from './parse.js';

it('hands over the value as its topic describes it, with the message and its signal', async () => {
  const calls: unknown[] = [];
  const handler = handlerOf('generation.canceled.v1', async (value, context) => void calls.push(value, context));
  const message = received();
  await parseAndHandle(handler)({ message, signal: notAborted });
  expect(calls).toEqual([canceled(), { message, signal: notAborted }]);
});

it('never reaches the handler with a value that breaks the schema', async () => {
  const handler = handlerOf('generation.canceled.v1', async () => expect.unreachable());
  const consume = parseAndHandle(handler);
  for (const value of ['', '{', 'null', '{"schemaVersion":1}']) {
    await expect(consume({ message: received({ value }), signal: notAborted })).rejects.toThrow(
      UnparseableMessageError,
    );
  }
});
