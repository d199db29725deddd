export * from './stage-run-states.js';
export * from './urgency.js';
