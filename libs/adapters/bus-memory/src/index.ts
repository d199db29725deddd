export type { RedeliveryBackoff } from './consumer-group.js';
export * from './memory-bus.js';
