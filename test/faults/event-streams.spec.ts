import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { followStream, isWhole } from './event-streams.ts';
import type { Platform } from './profile.ts';

const TYPES = ['generation.queued', 'stage.started', 'stage.completed', 'generation.succeeded'];
const frame = (sequence: number) => `id: ${sequence}\nevent: ${TYPES[sequence - 1]}\ndata: {}\n\n`;
const framesBehind = (last: number) => TYPES.map((_, index) => index + 1).filter((sequence) => sequence > last);

/** Real: two HTTP servers on loopback, each with one way to answer. */
describe('a client that follows an event stream', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

  const serving = async (answer: (last: number, response: ServerResponse) => void): Promise<string> => {
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      answer(Number(request.headers['last-event-id']), response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const platformAt = (...urls: string[]) => ({ addresses: async () => urls }) as unknown as Platform;
  /** Dies in the middle of its third frame. */
  const dying = (_: number, response: ServerResponse) =>
    response.write(frame(1) + frame(2) + frame(3).slice(0, 9), () => response.destroy());

  it('goes on at the other address behind what it has seen in full', async () => {
    const sound = await serving((last, response) => response.end(framesBehind(last).map(frame).join('')));
    const seen = await followStream(platformAt(await serving(dying), sound), 'ten_client-01', 'gen_1');
    expect(seen).toEqual({ sequences: [1, 2, 3, 4], cutOff: 1, wentOnElsewhere: 1 });
    expect(isWhole(seen)).toBe(true);
  });

  it('calls a stream broken that leaves an entry out or gives one twice', async () => {
    const skipping = await serving((last, response) =>
      response.end(
        framesBehind(last + 1)
          .map(frame)
          .join(''),
      ),
    );
    const repeating = await serving((last, response) =>
      response.end(
        framesBehind(last - 1)
          .map(frame)
          .join(''),
      ),
    );
    for (const other of [skipping, repeating]) {
      const seen = await followStream(platformAt(await serving(dying), other), 'ten_client-01', 'gen_1');
      expect(isWhole(seen)).toBe(false);
    }
  });
});
