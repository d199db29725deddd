import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
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
    setHeaders: (reply: FastifyReply, path: string) => {
      reply.header('content-security-policy', PAGE_CONTENT_SECURITY_POLICY);
      reply.header('cache-control', path.includes('/assets/') ? 'public, immutable, max-age=31536000' : 'no-cache');
    },
  });
  const index = await readFile(join(folder, 'index.html'));
  // Views of the dashboard have addresses of their own; everything that is not asked for as a page stays a 404.
  fastify.get('/*', (request, reply) => {
    const wantsPage = request.headers.accept?.includes('text/html') === true;
    if (!wantsPage || /^\/(v1|admin)(\/|$)/.test(request.url)) {
      reply.callNotFound();
      return;
    }
    reply
      .header('content-security-policy', PAGE_CONTENT_SECURITY_POLICY)
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(index);
  });
}
