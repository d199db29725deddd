export * from './fake-clock.js';
export * from './memory-blobs.js';
export * from './recording-bus.js';
