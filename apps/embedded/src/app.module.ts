import { type ApiOptions, createApiModule } from '@atelier/api';
import { type DynamicModule, Module } from '@nestjs/common';

@Module({})
export class EmbeddedModule {}

/** The one Nest module of the embedded platform: the public API. Stages and orchestration join through the bus transport. */
export const createEmbeddedModule = (api: ApiOptions): DynamicModule => ({
  module: EmbeddedModule,
  imports: [createApiModule(api)],
});
