export * from './api.module.js';
export type { ApiOptions, WorkerSighting } from './api-deps.js';
export * from './auth/authenticator.js';
export { serveDashboard } from './http/dashboard.js';
export * from './http/http-adapter.js';
export { taskReader } from './jobs/task-reader.js';
