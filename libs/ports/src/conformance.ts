export * from './message-bus.conformance.js';
