export * from './orchestrator-process.js';
