export * from './blob-store.conformance.js';
export * from './generation-store.conformance.js';
export * from './inference.conformance.js';
export * from './message-bus.conformance.js';
export * from './reference-cache.conformance.js';
