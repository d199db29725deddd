import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { errorOf, startApi } from '../harness/api-harness.js';

const json = { 'content-type': 'application/json' };

describe('bodies and requests that cannot be read -> 400', () => {
  it.each([
    ['cut off', '{"prompt": "dog"'],
    ['empty', ''],
    ['only a word', 'dog'],
    ['with a trailing comma', '{"prompt": "dog",}'],
    ['with single quotes', "{'prompt': 'dog'}"],
  ])('refuses JSON that is %s', async (_name, body) => {
    const api = await startApi();
    const answer = await api.call('POST', '/v1/jobs', { body, headers: json });
    expect(answer.status).toBe(400);
    expect(errorOf(answer).code).toBe('invalid_json');
  });

  it.each(['null', '[]', '"dog"', '7'])('refuses the body %s, which is no object', async (body) => {
    const api = await startApi();
    const answer = await api.call('POST', '/v1/jobs', { body, headers: json });
    expect(errorOf(answer)).toMatchObject({ code: 'invalid_parameter', param: null });
  });

  it('refuses JSON that is not UTF-8', async () => {
    const api = await startApi();
    const body = Buffer.from('{"prompt": "caf\xe9"}', 'latin1') as unknown as string;
    const response = await fetch(`${api.url}/v1/jobs`, { method: 'POST', headers: json, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_json' } });
  });

  it('survives a body nested a hundred thousand deep', async () => {
    const api = await startApi();
    const body = `{"prompt": "dog", "x": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await api.call('POST', '/v1/jobs', { body, headers: json })).status).toBe(202);
  });

  it('answers what is not HTTP with an error body, and goes on serving others', async () => {
    const api = await startApi();
    const { hostname, port } = new URL(api.url);
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(port), hostname, () => socket.write('HELLO WORLD\r\n\r\n'));
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"invalid_parameter"');
    expect((await api.call('GET', '/healthz')).status).toBe(200);
  });
});
