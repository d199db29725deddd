import type { PlatformEnv } from '@atelier/platform';

/** The variables that an adapter cannot do without, as `requireVariables` of the platform has checked them. */
export type Configured<K extends keyof PlatformEnv> = { readonly [N in K]: NonNullable<PlatformEnv[N]> };
