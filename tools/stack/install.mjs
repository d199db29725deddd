// `npm test` and the local cluster need real servers: installs those that are not there yet.
import { installKafka } from './kafka-install.mjs';

/** Name and installer of every server of the stack. One after the other: apt and Maven take locks of their own. */
export const STACK_INSTALLERS = {
  Kafka: installKafka,
};

export async function installStack() {
  for (const install of Object.values(STACK_INSTALLERS)) await install();
}
