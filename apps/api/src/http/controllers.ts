import { Controller, Inject, Req, RequestMapping, RequestMethod, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../api-deps.js';
import { runRoute } from './pipeline.js';
import type { Route } from './route.js';

export const API_DEPS = Symbol('ApiDeps');

/** A Nest controller with the one handler of a route, named after its operation. */
export function controllerOf(route: Route): Type {
  @Controller()
  class RouteController {
    constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

    @RequestMapping({ path: route.path, method: RequestMethod[route.method] })
    handle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      return runRoute(route, this.deps, request, reply);
    }
  }
  Object.defineProperty(RouteController, 'name', { value: `${route.operationId}Controller` });
  return RouteController;
}
