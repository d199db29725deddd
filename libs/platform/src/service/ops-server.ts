import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readiness } from '../health/readiness.js';

export interface OpsServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly readiness: Readiness;
  /** Metrics in the Prometheus text format. */
  readonly metrics: () => Promise<string>;
}

export interface OpsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * What an operator's tools ask every process: `/healthz` (200 while the process answers), `/readyz` (200 once it may get
 * work, else 503; the body names each check, so that cold and broken differ), `/metrics`.
 */
export async function startOpsServer(options: OpsServerOptions): Promise<OpsServer> {
  const server = createServer((request, response) => {
    answer(request, options).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, json(500, { error: error instanceof Error ? error.message : String(error) })),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

async function answer({ method, url }: IncomingMessage, { readiness, metrics }: OpsServerOptions): Promise<Reply> {
  const path = (url ?? '/').split('?', 1)[0];
  if (method !== 'GET' && method !== 'HEAD') return json(405, { error: 'only GET' });
  if (path === '/healthz') return json(200, { status: 'alive' });
  if (path === '/readyz') {
    const report = await readiness.report();
    return json(report.ready ? 200 : 503, report);
  }
  if (path === '/metrics') {
    return { status: 200, contentType: 'text/plain; version=0.0.4; charset=utf-8', body: await metrics() };
  }
  return json(404, { error: 'there are /healthz, /readyz and /metrics' });
}

const json = (status: number, body: unknown): Reply => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: `${JSON.stringify(body)}\n`,
});

function send(response: ServerResponse, { status, contentType, body }: Reply): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
