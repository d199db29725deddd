import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { PAGE_CONTENT_SECURITY_POLICY } from './security-headers.js';

/** Where the dashboard is built; the path is the same from `src` and from `dist`. */
const DASHBOARD_FOLDER = fileURLToPath(new URL('../../../dashboard/dist/', import.meta.url));

/** Serves the built dashboard at `/`; without one, `/` leads to the documentation. */
export async function serveDashboard(app: NestFastifyApplication, folder = DASHBOARD_FOLDER): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  if (!existsSync(join(folder, 'index.html'))) {
    fastify.get('/', (_request, reply) => void reply.redirect('/docs'));
    return;
  }
  await app.register(fastifyStatic as never, {
    root: folder,
    prefix: '/',
    // One route per file, so that paths of the API are never looked up in the folder.
    wildcard: false,
    index: ['index.html'],
    cacheControl: false,
    setHeaders: (response: { setHeader(name: string, value: string): void }, path: string) => {
      response.setHeader('content-security-policy', PAGE_CONTENT_SECURITY_POLICY);
      response.setHeader(
        'cache-control',
        path.includes('/assets/') ? 'public, immutable, max-age=31536000' : 'no-cache',
      );
    },
  });
}
