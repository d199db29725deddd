export * from './builders.js';
export * from './counting-ids.js';
export * from './fake-clock.js';
export * from './memory-blobs.js';
export * from './memory-generation-store.js';
export * from './recording-bus.js';
export * from './stage-context.js';
