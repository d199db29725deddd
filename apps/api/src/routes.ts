import { healthz } from './health/alive/handler.js';
import { readyz } from './health/ready/handler.js';
import type { Route } from './http/route.js';
import { getImageContent } from './images/content/handler.js';
import { editImages } from './images/edits/handler.js';
import { generateImages } from './images/generations/handler.js';
import { cancelJob } from './jobs/cancel/handler.js';
import { createJob } from './jobs/create/handler.js';
import { streamJobEvents } from './jobs/events/handler.js';
import { getJob } from './jobs/get/handler.js';
import { listJobs } from './jobs/list/handler.js';
import { createKey } from './keys/create/handler.js';
import { listKeys } from './keys/list/handler.js';
import { getModel } from './models/get/handler.js';
import { listModels } from './models/list/handler.js';
import { openApiRoutes } from './openapi/routes.js';
import { getOperations } from './operations/get/handler.js';

const documented: readonly Route[] = [
  generateImages,
  editImages,
  getImageContent,
  createJob,
  listJobs,
  getJob,
  cancelJob,
  streamJobEvents,
  listModels,
  getModel,
  getOperations,
  healthz,
  readyz,
  createKey,
  listKeys,
];

/** Everything the API serves, in the order of the documentation. */
export const ROUTES: readonly Route[] = [...documented, ...openApiRoutes(documented)];
