export * from './cost-model.js';
export * from './seeds.js';
export * from './sizes.js';
export * from './stage-graph.js';
export * from './states.js';
export * from './urgency.js';
