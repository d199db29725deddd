export * from './cancellations.js';
export * from './executions.js';
export * from './stage-failure.js';
export * from './stage-handler.js';
export * from './stage-policy.js';
export * from './worker.js';
