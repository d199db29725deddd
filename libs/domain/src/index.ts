export * from './stage-run-states.js';
