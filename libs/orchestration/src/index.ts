export * from './orchestrator.js';
export type * from './orchestrator-types.js';
export { type LiveWorker, WorkerRegistry } from './worker-registry.js';
