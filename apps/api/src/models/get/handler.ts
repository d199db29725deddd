import { ModelInfo } from '@atelier/contracts';
import { z } from 'zod';
import { ApiError } from '../../http/api-error.js';
import { defineRoute } from '../../http/route.js';
import { modelInfoOf } from '../catalogue.js';

export const getModel = defineRoute({
  method: 'GET',
  path: '/v1/models/:id',
  operationId: 'getModel',
  tag: 'Models',
  summary: 'Read one model',
  description: 'Names of other services that are accepted in requests show the model that draws in their place.',
  auth: 'tenant',
  params: z.object({ id: z.string() }),
  answers: { 200: { description: 'The model.', schema: ModelInfo } },
  errors: ['model_not_found'],
  async handle({ deps, params }) {
    const found = deps.models.find(params.id);
    if (!found) throw new ApiError('model_not_found', { param: 'id' });
    return { status: 200, json: modelInfoOf(found.manifest) };
  },
});
