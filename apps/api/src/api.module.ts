import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { type ApiOptions, apiDepsOf } from './api-deps.js';
import { API_DEPS, controllerOf } from './http/controllers.js';
import { ErrorFilter } from './http/exception-filter.js';
import { ROUTES } from './routes.js';

@Module({})
export class ApiModule {}

/** The public HTTP API as a Nest module: one controller per route, and the filter that answers every error. */
export function createApiModule(options: ApiOptions): DynamicModule {
  return {
    module: ApiModule,
    controllers: ROUTES.map(controllerOf),
    providers: [
      { provide: API_DEPS, useValue: apiDepsOf(options) },
      { provide: APP_FILTER, useValue: new ErrorFilter(ROUTES, options.onError ?? (() => undefined)) },
    ],
  };
}
