import { defineConfig } from 'vitest/config';

// Specs run against the sources: the condition resolves `@atelier/*` to src/ without a build.
const conditions = ['@atelier/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'libs/**/*.spec.ts',
      'apps/**/*.spec.ts',
      'apps/**/*.spec.tsx',
      'tools/**/*.spec.ts',
      'test/**/*.spec.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
