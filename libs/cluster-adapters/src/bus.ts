import { ensureTopics, KafkaBus } from '@atelier/bus-kafka';
import { TOPICS } from '@atelier/contracts';
import { observeBus, type ServiceContext } from '@atelier/platform';
import type { MessageBus } from '@atelier/ports';
import type { Configured } from './configured.js';

/** Connected, with every topic of the catalogue there: whoever starts first makes them. Waits for a broker that is away. */
export async function openBus(env: Configured<'ATELIER_KAFKA_BROKERS'>, context: ServiceContext): Promise<MessageBus> {
  const { instance, clock, logger: log, fail, closers, telemetry } = context;
  const brokers = env.ATELIER_KAFKA_BROKERS.split(',');
  await ensureTopics({ brokers, clientId: instance, topics: Object.values(TOPICS), log });
  const bus = new KafkaBus({ brokers, clientId: instance, clock, log, onFatal: fail });
  closers.add(() => bus.close(0));
  await bus.open();
  observeBus(() => bus.health(), telemetry);
  return bus;
}
