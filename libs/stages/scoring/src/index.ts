export * from './scoring-policy.js';
