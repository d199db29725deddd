import { randomBytes } from 'node:crypto';
import type { ErrorBody, Job, TenantId } from '@atelier/contracts';
import type { Clock } from '@atelier/ports';
import { buildEngine, CountingIds, MemoryBlobs, MemoryGenerationStore } from '@atelier/testing';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { expect, onTestFinished } from 'vitest';
import { createApiModule } from '../api.module.js';
import type { ApiOptions } from '../api-deps.js';
import { hashApiKey, keyAuthenticator, newApiKey, openAuthenticator } from '../auth/authenticator.js';
import { serveDashboard } from '../http/dashboard.js';
import { createHttpAdapter } from '../http/http-adapter.js';
import { ROUTES } from '../routes.js';

/** Real time; specs of the API wait for conditions, they do not measure. */
const realClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

export interface HarnessOptions extends Partial<ApiOptions> {
  readonly auth?: 'open' | 'keys';
  /** Folder of a built dashboard. */
  readonly dashboard?: string;
}

/** Real: Nest, Fastify, HTTP over loopback, the routes. In memory: store and blobs. Absent: orchestration and workers. */
export async function startApi(options: HarnessOptions = {}) {
  const store = new MemoryGenerationStore();
  const blobs = new MemoryBlobs();
  const errors: unknown[] = [];
  const module = createApiModule({
    store,
    blobs,
    clock: realClock,
    ids: new CountingIds(),
    describe: () => buildEngine(),
    countTokens: (text) => text.split(/\s+/).length,
    authenticate: options.auth === 'keys' ? keyAuthenticator(store) : openAuthenticator,
    linkSecret: randomBytes(32),
    workers: () => [],
    notReadyBecause: () => null,
    singleTenant: options.auth !== 'keys',
    onError: (error) => errors.push(error),
    ...options,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, createHttpAdapter(), {
    logger: false,
    bodyParser: false,
  });
  if (options.dashboard) await serveDashboard(app, options.dashboard);
  await app.listen(0, '127.0.0.1');
  onTestFinished(() => app.close());
  return new ApiHarness(await app.getUrl(), store, blobs, errors);
}

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly json: never;
  readonly bytes: Uint8Array;
}

export class ApiHarness {
  constructor(
    readonly url: string,
    readonly store: MemoryGenerationStore,
    readonly blobs: MemoryBlobs,
    /** Causes of every `internal_error`. */
    readonly errors: readonly unknown[],
  ) {}

  /** Calls a route and proves that the answer has a request id, security headers and the shape that OpenAPI promises. */
  async call(method: string, path: string, init: { body?: unknown; headers?: Record<string, string> } = {}) {
    const { body } = init;
    const isJson = body !== undefined && !(body instanceof FormData) && typeof body !== 'string';
    const response = await fetch(path.startsWith('http') ? path : `${this.url}${path}`, {
      method,
      headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...init.headers },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : (body as string | FormData) }),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{20}$/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const isJsonAnswer = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    const json = isJsonAnswer && bytes.length > 0 ? JSON.parse(new TextDecoder().decode(bytes)) : undefined;
    if (response.ok) expectDeclaredShape(method, new URL(response.url).pathname, response.status, json);
    return { status: response.status, headers: response.headers, json, bytes };
  }

  /** Posts a job that is accepted, and returns it. */
  async createJob(body: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Job> {
    const answer = await this.call('POST', '/v1/jobs', { body: { prompt: 'a red apple', ...body }, headers });
    expect(answer.status, JSON.stringify(answer.json)).toBe(202);
    return answer.json as Job;
  }

  /** A new tenant's key, as a header. */
  async keyOf(tenantId: TenantId): Promise<{ authorization: string }> {
    const key = newApiKey();
    await this.store.createTenant({ id: tenantId, weight: 1, name: tenantId });
    await this.store.createApiKey({ tenantId, keyHash: hashApiKey(key), label: 'spec' });
    return { authorization: `Bearer ${key}` };
  }
}

/** The body of an error answer, checked to be complete. */
export function errorOf(answer: { status: number; json: unknown; headers: Headers }): ErrorBody['error'] {
  const { error } = answer.json as ErrorBody;
  expect(error.request_id).toBe(answer.headers.get('x-request-id'));
  expect(error.doc).toContain(`/docs#error-${error.code}`);
  expect(error.message).not.toMatch(/\bat .*:\d+|node_modules|Error:/);
  return error;
}

function expectDeclaredShape(method: string, pathname: string, status: number, json: unknown): void {
  const route = ROUTES.find(
    (candidate) =>
      (candidate.method === method || (method === 'HEAD' && candidate.method === 'GET')) &&
      new RegExp(`^${candidate.path.replace(/:[^/]+/g, '[^/]+').replace('*', '.+')}$`).test(pathname),
  );
  const declared = route?.answers[status];
  expect(declared, `${method} ${pathname} -> ${status} is not declared`).toBeDefined();
  if (method !== 'HEAD') declared?.schema?.parse(json);
}
