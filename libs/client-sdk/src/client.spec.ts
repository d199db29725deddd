import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClient } from './client.js';
import {
  BadRequestError,
  ConnectionError,
  NotFoundError,
  ProtocolError,
  QueueFullError,
  ServerError,
} from './errors.js';

type Handler = (request: IncomingMessage, response: ServerResponse, call: number) => void;

/** A server that speaks exactly as a case needs it: real HTTP, scripted answers. */
async function serve(handler: Handler): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    request.resume().on('end', () => handler(request, response, requests.length));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const errorBody = (code: string, extra: object = {}) =>
  JSON.stringify({
    error: {
      message: `it is ${code}`,
      type: 'invalid_request_error',
      code,
      param: 'prompt',
      retryable: false,
      stage: null,
      doc: '',
      request_id: 'req_1',
      ...extra,
    },
  });
const json = (response: ServerResponse, body: unknown, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

describe('createClient', () => {
  it.each([
    [400, BadRequestError],
    [404, NotFoundError],
    [422, BadRequestError],
    [500, ServerError],
  ])('throws the class of status %i with all that the body says', async (status, errorClass) => {
    const { url } = await serve((_request, response) => json(response, errorBody('some_code'), status));
    const error = await createClient({ baseUrl: url })
      .getJob('gen_1')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ status, code: 'some_code', param: 'prompt', requestId: 'req_1' });
  });

  it('makes an error of what a proxy says', async () => {
    const { url } = await serve((_request, response) => response.writeHead(502).end('<html>Bad gateway</html>'));
    await expect(createClient({ baseUrl: url }).getJob('gen_1')).rejects.toMatchObject({
      status: 502,
      code: 'unexpected_response',
      retryable: true,
    });
  });

  it('refuses a page where an answer belongs', async () => {
    const { url } = await serve((_request, response) => response.writeHead(200).end('<html>'));
    await expect(createClient({ baseUrl: url }).getJob('gen_1')).rejects.toBeInstanceOf(ProtocolError);
  });

  it('sends a lost creation again under the same idempotency key', async () => {
    const { url, requests } = await serve((request, response, call) =>
      call === 1 ? request.socket.destroy() : json(response, { id: 'gen_1' }, 202),
    );
    expect((await createClient({ baseUrl: url }).createJob({ prompt: 'dog' })).id).toBe('gen_1');
    const keys = requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('gives up after its tries, and says why', async () => {
    const { url, requests } = await serve((request) => request.socket.destroy());
    const client = createClient({ baseUrl: url, maxRetries: 1 });
    await expect(client.createJob({ prompt: 'dog' })).rejects.toBeInstanceOf(ConnectionError);
    expect(requests).toHaveLength(2);
  });

  it('waits as long as a full queue asks for, then tries again', async () => {
    const { url, requests } = await serve((_request, response, call) => {
      if (call > 1) return json(response, { id: 'gen_1' }, 202);
      response.setHeader('retry-after', '0.01');
      return json(response, errorBody('queue_full'), 429);
    });
    expect((await createClient({ baseUrl: url }).createJob({ prompt: 'dog' })).id).toBe('gen_1');
    expect(requests).toHaveLength(2);
    const impatient = createClient({ baseUrl: url, maxRetries: 0 });
    requests.length = 0;
    await expect(impatient.createJob({ prompt: 'dog' })).rejects.toBeInstanceOf(QueueFullError);
  });

  it('shows its key to its own server and to nobody else', async () => {
    const own = await serve((_request, response) => response.end('x'));
    const foreign = await serve((_request, response) => response.end('x'));
    const client = createClient({ baseUrl: own.url, apiKey: 'atl_secret' });
    await client.downloadImage('/v1/images/content/a');
    await client.downloadImage(`${foreign.url}/a.png`);
    expect(own.requests[0]?.headers.authorization).toBe('Bearer atl_secret');
    expect(foreign.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('tells ready, starting and absent servers apart', async () => {
    const ready = await serve((_request, response) => json(response, { status: 'ready' }));
    const starting = await serve((_request, response) => json(response, errorBody('not_ready'), 503));
    expect(await createClient({ baseUrl: ready.url }).ready()).toBe('ready');
    expect(await createClient({ baseUrl: starting.url }).ready()).toBe('starting');
    expect(await createClient({ baseUrl: 'http://127.0.0.1:1' }).ready()).toBe('unreachable');
  });
});

const entry = (sequence: number, type = 'stage.progressed') =>
  `id: ${sequence}\ndata: ${JSON.stringify({ kind: 'entry', entry: { sequence, type, at: 0, data: {} } })}\n\n`;
const sse = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });

describe('streamJob', () => {
  it('goes on where a cut connection left off, and yields every entry once', async () => {
    const { url, requests } = await serve((request, response, call) => {
      sse(response);
      if (call === 1) {
        response.write(`retry: 1\n\nid: 0\ndata: {"kind":"snapshot","job":{}}\n\n${entry(1)}${entry(2)}`, () =>
          request.socket.destroy(),
        );
      } else if (call === 2) {
        // Half an event is not an event.
        response.write(`${entry(2)}${entry(3)}id: 4\ndata: {"kind"`, () => request.socket.destroy());
      } else response.end(`${entry(4)}${entry(5, 'generation.succeeded')}`);
    });
    const seen: number[] = [];
    for await (const event of createClient({ baseUrl: url }).streamJob('gen_1')) {
      seen.push(event.kind === 'entry' ? event.entry.sequence : 0);
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '3']);
  });

  it('ends quietly when the server says that nothing is left', async () => {
    const { url } = await serve((_request, response) => response.writeHead(204).end());
    const events = createClient({ baseUrl: url }).streamJob('gen_1', { afterSequence: 9 });
    expect((await events.next()).done).toBe(true);
  });

  it('takes a connection that says nothing for dead', async () => {
    const { url } = await serve((_request, response, call) => {
      sse(response);
      if (call === 1) response.write(`retry: 1\n\n${entry(1)}`);
      else response.end(entry(2, 'generation.succeeded'));
    });
    const seen: number[] = [];
    for await (const event of createClient({ baseUrl: url }).streamJob('gen_1', { silenceMs: 50 })) {
      if (event.kind === 'entry') seen.push(event.entry.sequence);
    }
    expect(seen).toEqual([1, 2]);
  });

  it('stops at once when its caller aborts', async () => {
    const { url } = await serve((_request, response) => {
      sse(response);
      response.write(entry(1));
    });
    const stop = new AbortController();
    const events = createClient({ baseUrl: url }).streamJob('gen_1', { signal: stop.signal });
    await events.next();
    const waiting = events.next();
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('does not come back to a job that does not exist', async () => {
    const { url, requests } = await serve((_request, response) => json(response, errorBody('job_not_found'), 404));
    const events = createClient({ baseUrl: url }).streamJob('gen_1');
    await expect(events.next()).rejects.toBeInstanceOf(NotFoundError);
    expect(requests).toHaveLength(1);
  });

  it('gives up when the server stays away', async () => {
    const { url } = await serve((request, response) => {
      sse(response);
      response.write('retry: 1\n\n', () => request.socket.destroy());
    });
    const events = createClient({ baseUrl: url }).streamJob('gen_1', { maxAttempts: 3 });
    await expect(events.next()).rejects.toBeInstanceOf(ConnectionError);
  });
});
