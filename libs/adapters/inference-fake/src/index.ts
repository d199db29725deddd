export * from './fake-inference.js';
export * from './fake-manifest.js';
