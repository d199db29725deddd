// `node tools/stack/kafka-lock.mjs`: writes kafka.lock.json anew, after the version in kafka-install.mjs changed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copyJars, sha256OfJars } from './kafka-install.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'kafka-lock-'));
await copyJars(folder);
writeFileSync(
  new URL('kafka.lock.json', import.meta.url),
  `${JSON.stringify(sha256OfJars(path.join(folder, 'lib')), null, 2)}\n`,
);
rmSync(folder, { recursive: true });
