import { ModelList } from '@atelier/contracts';
import { defineRoute } from '../../http/route.js';
import { modelInfoOf } from '../catalogue.js';

export const listModels = defineRoute({
  method: 'GET',
  path: '/v1/models',
  operationId: 'listModels',
  tag: 'Models',
  summary: 'List models and what they can do',
  auth: 'tenant',
  answers: { 200: { description: 'All models served here, the default first.', schema: ModelList } },
  errors: [],
  handle: async ({ deps }) => ({
    status: 200,
    json: { object: 'list', data: deps.models.list().map(modelInfoOf) },
  }),
});
