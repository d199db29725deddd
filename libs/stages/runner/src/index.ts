export * from './stage-policy.js';
