export { OtelTelemetry, type OtelTelemetryOptions } from './otel-telemetry.js';
