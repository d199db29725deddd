// `npm test` and the local cluster need real servers: installs those that are not there yet.
import { installKafka } from './kafka-install.mjs';
import { installPostgres } from './postgres.mjs';
import { installRedis } from './redis.mjs';
import { installS3 } from './s3.mjs';

/** Name and installer of every server of the stack. One after the other: apt and Maven take locks of their own. */
export const STACK_INSTALLERS = {
  Kafka: installKafka,
  Redis: installRedis,
  PostgreSQL: installPostgres,
  S3: installS3,
};

export async function installStack() {
  for (const install of Object.values(STACK_INSTALLERS)) await install();
}
