import { ERRORS } from '@atelier/contracts';
import { describe, expect, it } from 'vitest';
import { startApi } from '../harness/api-harness.js';
import { ROUTES } from '../routes.js';

describe('GET /openapi.json -> 200', () => {
  it('describes every route, and every reference in it leads somewhere', async () => {
    const api = await startApi();
    const document = (await api.call('GET', '/openapi.json')).json as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string }>>;
      components: { schemas: Record<string, unknown> };
    };
    expect(document.openapi).toBe('3.1.0');
    const described = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((one) => one.operationId),
    );
    expect(described.sort()).toEqual(ROUTES.map(({ operationId }) => operationId).sort());
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(document.components.schemas).toHaveProperty(name as string);
    }
  });

  it('gives the bounds that validation enforces', async () => {
    const api = await startApi();
    const { components } = (await api.call('GET', '/openapi.json')).json as {
      components: { schemas: Record<string, { properties: Record<string, unknown>; required: string[] }> };
    };
    const body = components.schemas.ImageGenerationBody;
    expect(body?.required).toEqual(['prompt']);
    expect(body?.properties.prompt).toMatchObject({ type: 'string', maxLength: 10_000 });
    expect(JSON.stringify(body?.properties.n)).toContain('"maximum":10');
  });

  it('has a page that needs nothing from elsewhere and an anchor for every error code', async () => {
    const api = await startApi();
    const page = new TextDecoder().decode((await api.call('GET', '/docs')).bytes);
    expect(page).not.toMatch(/<script|https?:\/\/|@import|url\(/);
    for (const code of Object.keys(ERRORS)) expect(page).toContain(`id="error-${code}"`);
    for (const { operationId } of ROUTES) expect(page).toContain(`id="${operationId}"`);
  });
});
