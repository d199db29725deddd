export { CircuitBreaker, type CircuitBreakerOptions } from './circuit-breaker.js';
export * from './redis-reference-cache.js';
export type { BreakEven } from './transfer-estimate.js';
