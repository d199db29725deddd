export type * from './orchestrator-types.js';
export type { LiveWorker } from './worker-registry.js';
