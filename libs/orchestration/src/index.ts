export type * from './orchestrator.port.js';
export type { LiveWorker } from './worker-registry.js';
