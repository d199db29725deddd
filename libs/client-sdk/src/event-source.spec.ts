import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEventStream, type ServerSentEvent } from './event-source.js';

async function parse(chunks: readonly Uint8Array[]): Promise<ServerSentEvent[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const events: ServerSentEvent[] = [];
  for await (const event of parseEventStream(body)) events.push(event);
  return events;
}
const bytes = (text: string) => new TextEncoder().encode(text);
const event = (id: string | null, data: string, name = 'message') =>
  ({ kind: 'event', id, event: name, data }) as const;

describe('parseEventStream', () => {
  it('reads ids, names, several data lines, comments and the wish for a delay', async () => {
    const text = ': hello\nretry: 250\nid: 4\nevent: stage.started\ndata: a\ndata: b\n\ndata:x\n\n';
    expect(await parse([bytes(text)])).toEqual([
      { kind: 'retry', retryMs: 250 },
      event('4', 'a\nb', 'stage.started'),
      event(null, 'x'),
    ]);
  });

  it('drops an event that was cut off before its blank line', async () => {
    expect(await parse([bytes('data: whole\n\ndata: cut')])).toEqual([event(null, 'whole')]);
  });

  it('gives the same events however the bytes are cut and whatever ends the lines', async () => {
    const text = 'id: 1\ndata: 日落 🍎\n\n: x\nid: 2\ndata: two\ndata: lines\n\n';
    const expected = await parse([bytes(text)]);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 }),
        async (lineEnd, lengths) => {
          // A lone CR at the very end could be half of a CRLF: a line that follows settles it.
          const all = bytes(`${text}: end\n`.replaceAll('\n', lineEnd));
          const chunks: Uint8Array[] = [];
          for (let offset = 0, turn = 0; offset < all.length; turn += 1) {
            const length = lengths[turn % lengths.length] as number;
            chunks.push(all.subarray(offset, offset + length));
            offset += length;
          }
          expect(await parse(chunks)).toEqual(expected);
        },
      ),
    );
  });
});
