export * from './cancel/cancel-generation.js';
export * from './errors.js';
export * from './events/read-event-log.js';
export * from './get/get-generation.js';
export * from './list/list-generations.js';
export * from './submit/check-against-manifest.js';
export * from './submit/submit-generation.js';
