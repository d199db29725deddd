import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashApiKey, newApiKey } from '@atelier/api';
import { createClient } from '@atelier/client-sdk';
import { ERRORS, type ErrorBody, type ErrorCode } from '@atelier/contracts';
import { type EmbeddedPlatform, findWeights, startEmbedded } from '@atelier/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BAD_INPUTS, type BadInput, type World } from './bad-input-cases.js';

/** Real: the whole platform with the tiny weights and API keys. */
describe('bad input', () => {
  let folder: string;
  let platform: EmbeddedPlatform;
  let world: World;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atelier-bad-input-'));
    platform = await startEmbedded({ dataDir: folder, auth: 'keys', weightsDir: await findWeights('tiny') });
    await platform.ready;
    world = await prepareWorld(platform);
  });
  afterAll(async () => {
    await platform?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('has at least sixty cases, each with a name of its own', () => {
    expect(new Set(BAD_INPUTS.map(({ name }) => name)).size).toBe(BAD_INPUTS.length);
    expect(BAD_INPUTS.length).toBeGreaterThanOrEqual(60);
  });

  it.each(BAD_INPUTS.map((one) => [one.name, one] as const))('%s', async (_name, bad) => {
    const response = await send(bad);
    const { error } = (await response.json()) as ErrorBody;
    expect({ status: response.status, code: error.code }).toEqual({ status: bad.status, code: bad.code });
    if (bad.param !== undefined) expect(error.param).toBe(bad.param);
    expect(ERRORS[error.code as ErrorCode].status).toBe(response.status);
    expect(error.request_id).toBe(response.headers.get('x-request-id'));
    expect(error.message).not.toMatch(/node_modules|\n\s+at |Error:/);
    expect((await fetch(`${platform.url}/healthz`)).status).toBe(200);
  });

  it.each([
    ['no HTTP at all', 'HELLO\r\n\r\n'],
    ['headers without end', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`],
    ['two lengths', 'POST /v1/jobs HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc'],
    ['a bad header name', 'GET / HTTP/1.1\r\nhost: a\r\nb@d header: 1\r\n\r\n'],
  ])('answers %s and goes on', async (_name, bytes) => {
    expect(await speak(platform.url, bytes)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await fetch(`${platform.url}/healthz`)).status).toBe(200);
  });

  it('has lost nothing after all of it: earlier jobs are there, and a good request draws', async () => {
    const client = createClient({ baseUrl: platform.url, apiKey: world.key });
    expect((await client.getJob(world.finishedJob)).status).toBe('succeeded');
    expect((await client.drawImages({ prompt: 'a red apple', seed: 1 })).data).toHaveLength(1);
  });

  function send(bad: BadInput): Promise<Response> {
    const path = typeof bad.path === 'function' ? bad.path(world) : bad.path;
    const { body } = bad;
    const isRaw = body === undefined || typeof body === 'string' || body instanceof FormData || Buffer.isBuffer(body);
    return fetch(path.startsWith('http') ? path : `${platform.url}${path}`, {
      method: bad.method ?? 'GET',
      headers: {
        authorization: `Bearer ${world.key}`,
        ...(isRaw ? {} : { 'content-type': 'application/json' }),
        ...bad.headers,
      },
      ...(body === undefined
        ? {}
        : { body: isRaw ? (body as NonNullable<RequestInit['body']>) : JSON.stringify(body) }),
    });
  }
});

async function prepareWorld({ url, store }: EmbeddedPlatform): Promise<World> {
  const keyOf = async (tenantId: string) => {
    const key = newApiKey();
    await store.createTenant({ id: tenantId, weight: 1, name: tenantId });
    await store.createApiKey({ tenantId, keyHash: hashApiKey(key), label: 'e2e' });
    return key;
  };
  const key = await keyOf('ten_acme');
  const acme = createClient({ baseUrl: url, apiKey: key });
  const rival = createClient({ baseUrl: url, apiKey: await keyOf('ten_rival') });
  const own = await acme.drawImages({ prompt: 'a red apple', seed: 1 });
  const foreign = await rival.drawImages({ prompt: 'a red apple', seed: 2 });
  return {
    key,
    ownJob: own.job,
    finishedJob: own.job,
    foreignJob: foreign.job,
    foreignImage: foreign.data[0]?.url as string,
  };
}

/** Writes bytes to the server's socket and returns what comes back until it hangs up. */
function speak(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
  });
}
