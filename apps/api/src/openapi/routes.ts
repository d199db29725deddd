import { z } from 'zod';
import { defineRoute, type Route } from '../http/route.js';
import { PAGE_CONTENT_SECURITY_POLICY } from '../http/security-headers.js';
import { docsPage } from './docs-page.js';
import { openApiDocument } from './document.js';

const API_VERSION = '1.0.0';

/** The document of the given routes as JSON and as a page; both are written once, at the first request. */
export function openApiRoutes(routes: readonly Route[]): Route[] {
  let document: Record<string, unknown> | null = null;
  const read = () => {
    document ??= openApiDocument([...routes, openApiJson, docs], API_VERSION);
    return document;
  };
  const openApiJson = defineRoute({
    method: 'GET',
    path: '/openapi.json',
    operationId: 'openApi',
    tag: 'Service',
    summary: 'This document: OpenAPI 3.1',
    auth: 'none',
    answers: { 200: { description: 'The document.', schema: z.looseObject({ openapi: z.literal('3.1.0') }) } },
    errors: [],
    handle: async () => ({ status: 200, json: read() }),
  });
  const docs = defineRoute({
    method: 'GET',
    path: '/docs',
    operationId: 'docs',
    tag: 'Service',
    summary: 'This document as a page',
    auth: 'none',
    answers: { 200: { description: 'The page.', contentType: 'text/html' } },
    errors: [],
    handle: async () => ({
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': PAGE_CONTENT_SECURITY_POLICY,
      },
      bytes: Buffer.from(docsPage(read())),
    }),
  });
  return [openApiJson, docs];
}
