import { createRequire } from 'node:module';

/** What we need of kafkajs 2.2.4's internal classes. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

interface ConsumerGroup {
  readonly cluster: { getNodeIds(): readonly string[] };
  getNodeIds(): readonly string[];
}

interface Cluster {
  findGroupCoordinatorMetadata(request: object): Promise<unknown>;
  refreshMetadata(): Promise<void>;
}

const require = createRequire(import.meta.url);
const MIN_DELAY_MS = 10;
const COORDINATOR_DELAY_MS = 250;
let isPatched = false;

/**
 * Corrects three faults of kafkajs 2.2.4. Its version is pinned; another one fails here instead of losing the patches
 * silently.
 */
export function patchKafkajs(): void {
  if (isPatched) return;
  isPatched = true;
  stopIdleTimers();
  outliveLossOfAllBrokers();
  keepLookingForCoordinator();
}

/**
 * For every idle connection a timer with a negative delay is armed again and again, which costs some percent of a core
 * and a warning of Node (tulios/kafkajs#1751). One is needed only while requests wait for a throttled connection.
 */
function stopIdleTimers(): void {
  const prototype = prototypeOf<RequestQueue>('kafkajs/src/network/requestQueue/index.js');
  requireMethod(prototype.scheduleCheckPendingRequests);
  prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(): void {
    const throttledMs = this.throttledUntil - Date.now();
    if (this.throttleCheckTimeoutId || (this.pending.length === 0 && throttledMs <= 0)) return;
    const check = () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    };
    this.throttleCheckTimeoutId = setTimeout(check, Math.max(throttledMs, MIN_DELAY_MS));
  };
}

/**
 * A broker that goes away is dropped from the list of nodes, and a consumer that finds the list empty crashes, comes
 * back as a new member and waits until the session of its own former self has run out. With the nodes it knew last it
 * asks for metadata, without end, and stays the member it was.
 */
function outliveLossOfAllBrokers(): void {
  const prototype = prototypeOf<ConsumerGroup>('kafkajs/src/consumer/consumerGroup.js');
  const current = requireMethod(prototype.getNodeIds);
  const lastKnown = new WeakMap<ConsumerGroup, readonly string[]>();
  prototype.getNodeIds = function getNodeIds(): readonly string[] {
    const ids = current.call(this);
    if (ids.length === 0) return lastKnown.get(this) ?? ids;
    lastKnown.set(this, ids);
    return ids;
  };
}

/**
 * Where no broker answers the question for a group's coordinator, kafkajs calls that an error that no repetition cures:
 * a consumer that joins during an outage would be dead for good. It is asked again once a broker answers at all.
 */
function keepLookingForCoordinator(): void {
  const prototype = prototypeOf<Cluster>('kafkajs/src/cluster/index.js');
  const ask = requireMethod(prototype.findGroupCoordinatorMetadata);
  prototype.findGroupCoordinatorMetadata = async function findGroupCoordinatorMetadata(request: object) {
    for (;;) {
      try {
        return await ask.call(this, request);
      } catch (error) {
        if ((error as Error).name !== 'KafkaJSGroupCoordinatorNotFound') throw error;
        await new Promise((resolve) => setTimeout(resolve, COORDINATOR_DELAY_MS));
        await this.refreshMetadata();
      }
    }
  };
}

const prototypeOf = <T>(path: string): T => (require(path) as { prototype: T }).prototype;

function requireMethod<T>(method: T): T {
  if (typeof method !== 'function') throw new Error('this is not the kafkajs that the patches were written for');
  return method;
}
