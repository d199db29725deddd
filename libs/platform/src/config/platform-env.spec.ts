import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  PlatformEnv,
  readPlatformEnv,
  requireVariables,
  unknownVariables,
} from './platform-env.js';

describe('readPlatformEnv', () => {
  it('serves a laptop without any variable: loopback, no keys, port 7878', () => {
    expect(readPlatformEnv({})).toMatchObject({
      ATELIER_HOST: '127.0.0.1',
      ATELIER_PORT: 7878,
      ATELIER_DATA_DIR: '.atelier',
      ATELIER_AUTH: 'open',
      ATELIER_LOG: 'info',
      ATELIER_CACHE_MB: 256,
      ATELIER_RESULT_HOURS: 720,
      ATELIER_QUEUE_LIMIT: 10_000,
    });
  });

  it.each([
    ['ATELIER_PORT', '70000'],
    ['ATELIER_PORT', 'http'],
    ['ATELIER_PORT', '-1'],
    ['ATELIER_PORT', '1e3'],
    ['ATELIER_AUTH', 'none'],
    ['ATELIER_LOG', 'verbose'],
    ['ATELIER_WEIGHTS', '../other'],
    ['ATELIER_THREADS', '0'],
  ])('stops the boot over %s=%s with a sentence that names it', (name, value) => {
    expect(() => readPlatformEnv({ [name]: value })).toThrow(new RegExp(`^${name} is "${value}" and must be `));
  });

  it('names every wrong variable at once', () => {
    try {
      readPlatformEnv({ ATELIER_PORT: 'x', ATELIER_AUTH: 'y' });
      expect.unreachable();
    } catch (error) {
      expect((error as ConfigurationError).variables).toEqual(['ATELIER_PORT', 'ATELIER_AUTH']);
    }
  });

  it.each(['0.0.0.0', '::', '192.168.1.7', 'example.org'])('refuses to bind to %s without keys', (host) => {
    expect(() => readPlatformEnv({ ATELIER_HOST: host })).toThrow(/^ATELIER_HOST is .* loopback address/);
    expect(readPlatformEnv({ ATELIER_HOST: host, ATELIER_AUTH: 'keys' }).ATELIER_HOST).toBe(host);
  });

  it('takes an empty variable for an absent one', () => {
    expect(readPlatformEnv({ ATELIER_PORT: '', ATELIER_HOST: '' }).ATELIER_PORT).toBe(7878);
  });

  it('describes every variable with a sentence', () => {
    for (const [name, schema] of Object.entries(PlatformEnv.shape)) {
      expect(schema.description, name).toMatch(/^[A-Za-z].{15,}\.$/);
    }
  });
});

describe('unknownVariables', () => {
  it('finds misspelt variables and leaves those alone that others read', () => {
    const environment = { ATELIER_PROT: '1', ATELIER_PORT: '1', ATELIER_URL: 'x', PATH: '/bin' };
    expect(unknownVariables(environment)).toEqual(['ATELIER_PROT']);
  });
});

describe('requireVariables', () => {
  it('names every variable that a separate service lacks, with its purpose', () => {
    const env = readPlatformEnv({ ATELIER_KAFKA_BROKERS: '127.0.0.1:9092' });
    expect(() => requireVariables(env, ['ATELIER_KAFKA_BROKERS', 'ATELIER_DATABASE_URL'])).toThrowError(
      expect.objectContaining({
        variables: ['ATELIER_DATABASE_URL'],
        message: expect.stringMatching(/^ATELIER_DATABASE_URL is not set\. PostgreSQL/),
      }),
    );
    expect(requireVariables(env, ['ATELIER_KAFKA_BROKERS']).ATELIER_KAFKA_BROKERS).toBe('127.0.0.1:9092');
  });

  it.each([
    ['ATELIER_KAFKA_BROKERS', 'broker'],
    ['ATELIER_DATABASE_URL', 'mysql://x'],
    ['ATELIER_LINK_SECRET', 'short'],
  ])('refuses %s=%s at boot', (name, value) => {
    expect(() => readPlatformEnv({ [name]: value })).toThrowError(name);
  });
});
