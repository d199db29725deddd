export * from './blob-store.port.js';
export * from './clock.port.js';
export * from './generation-store.port.js';
export * from './ids.port.js';
export * from './inference.port.js';
export * from './message-bus.port.js';
export * from './reference-cache.port.js';
