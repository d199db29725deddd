export * from './blob-store.conformance.js';
export * from './message-bus.conformance.js';
