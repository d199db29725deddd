export type { HealthReport } from './contract.js';
export { GrpcInference } from './grpc-inference.js';
export * from './runtime-errors.js';
export * from './runtime-process.js';
export * from './runtime-supervisor.js';
export * from './supervised-inference.js';
