import { defineConfig } from 'vitest/config';

// Specs run against the sources: the condition resolves `@atelier/*` to src/ without a build.
const conditions = ['@atelier/source'];
const folders = ['libs', 'apps', 'tools', 'test'];
const stackSpecs = folders.map((folder) => `${folder}/**/*.stack.spec.ts`);

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // The default of one second is a race on a busy machine.
    expect: { poll: { timeout: 15_000, interval: 50 } },
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [...folders.map((folder) => `${folder}/**/*.spec.ts`), 'apps/**/*.spec.tsx'],
          exclude: ['**/node_modules/**', '**/dist/**', ...stackSpecs],
        },
      },
      {
        // Against real servers on loopback; they start only when one of these specs is asked for.
        extends: true,
        test: {
          name: 'stack',
          include: stackSpecs,
          globalSetup: ['tools/stack/vitest-stack.mjs'],
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
