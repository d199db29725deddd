export * from './reference-encoding-policy.js';
export * from './reference-image.js';
