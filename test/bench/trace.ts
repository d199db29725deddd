// Where the time of one job goes: draws one picture over the separate services, with every span collected, and renders
// the trace. `npm run bench -- trace` writes docs/pictures/job-trace.png.
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '@atelier/client-sdk';
import sharp from 'sharp';
import { SpanCollector } from '../e2e/cluster/span-collector.ts';
import { withCluster } from './report/bench-cluster.ts';
import { traceSvg } from './report/trace-svg.ts';

const PICTURE = fileURLToPath(new URL('../../docs/pictures/job-trace.png', import.meta.url));
const BODY = { prompt: 'a red apple left of a dog', steps: 4 } as const;
const WARM_UP_JOBS = 10;
/** Spans leave a process in batches. */
const COLLECT_MS = 3_000;

const collector = new SpanCollector();
const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: await collector.start() };
await withCluster({ environment }, async (cluster) => {
  const client = createClient({ baseUrl: cluster.url });
  for (let seed = 0; seed < WARM_UP_JOBS; seed += 1) await client.drawImages({ ...BODY, seed, response_format: 'url' });
  const traceId = createHash('sha256').update(randomBytes(16)).digest('hex').slice(0, 32);
  const response = await fetch(`${cluster.url}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    body: JSON.stringify({ ...BODY, seed: 7, response_format: 'url' }),
  });
  if (!response.ok) throw new Error(`the job was not drawn: ${await response.text()}`);
  await new Promise((resolve) => setTimeout(resolve, COLLECT_MS));
  const spans = collector.ofTrace(traceId);
  await writeFile(
    PICTURE,
    await sharp(Buffer.from(traceSvg(spans, traceId)))
      .png()
      .toBuffer(),
  );
  for (const { service, name, startNs, endNs } of spans) {
    console.log(`${service.padEnd(36)} ${name.padEnd(42)} ${(Number(endNs - startNs) / 1e6).toFixed(1)} ms`);
  }
}).finally(() => collector.stop());
