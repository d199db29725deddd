// Real: the embedded PostgreSQL in its thread, with its files in a temporary folder.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Clock } from '@atelier/ports';
import { generationStoreConformance } from '@atelier/ports/conformance';
import { createEmbeddedStore } from './create-store.js';

const clock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now(), sleep: async () => undefined };

generationStoreConformance('embedded PostgreSQL, files', { durable: true }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-store-'));
  const open = () => createEmbeddedStore({ dataDir: path.join(folder, 'db'), clock });
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await open();
      return store;
    },
    dispose: async () => rmSync(folder, { recursive: true }),
  };
});
