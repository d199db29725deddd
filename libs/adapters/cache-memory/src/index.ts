export * from './memory-reference-cache.js';
