// The four servers that the separate services stand on, on loopback, started and stopped together.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startKafka } from './kafka.mjs';
import { startPostgres } from './postgres.mjs';
import { startRedis } from './redis.mjs';
import { startS3 } from './s3.mjs';

const STARTERS = { kafka: startKafka, postgres: startPostgres, redis: startRedis, s3: startS3 };

/**
 * Starts Kafka, PostgreSQL, Redis and an S3 server with their data below `dataDir`, all at once.
 *
 * @param {object} options see index.d.mts
 */
export async function startStack({ dataDir }) {
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const names = Object.keys(STARTERS);
  const results = await Promise.allSettled(names.map((name) => STARTERS[name]({ dataDir: path.join(dataDir, name) })));
  const servers = Object.fromEntries(names.map((name, index) => [name, results[index].value]));
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed) {
    await stopAll(servers);
    throw failed.reason;
  }
  return { ...servers, environment: environmentOf(servers), stop: () => stopAll(servers) };
}

/**
 * Servers that somebody else started and stops, as the stack of a cluster.
 *
 * @param {object} servers see index.d.mts
 */
export const stackOf = (servers) => ({ ...servers, environment: environmentOf(servers), stop: async () => {} });

/** What every service of the platform reads to find them. */
const environmentOf = ({ kafka, postgres, redis, s3 }) => ({
  ATELIER_KAFKA_BROKERS: kafka.brokers.join(','),
  ATELIER_DATABASE_URL: postgres.url,
  ATELIER_REDIS_URL: redis.url,
  ATELIER_S3_ENDPOINT: s3.endpoint,
  ATELIER_S3_REGION: s3.region,
  ATELIER_S3_ACCESS_KEY: s3.accessKeyId,
  ATELIER_S3_SECRET_KEY: s3.secretAccessKey,
  ATELIER_S3_BUCKET: 'atelier',
});

async function stopAll(servers) {
  await Promise.allSettled(Object.values(servers).map((server) => server?.stop()));
}
