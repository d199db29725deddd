import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installKafka, KAFKA_VERSION } from './kafka.mjs';

/** `mvn` is found on the path, so a script of that name stands in for it. */
describe('installKafka', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-kafka-install-'));
  const pathBefore = process.env.PATH;
  afterAll(() => {
    process.env.PATH = pathBefore;
    rmSync(folder, { recursive: true, force: true });
  });
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  process.env.PATH = `${bin}${path.delimiter}${pathBefore}`;

  const mavenDelivers = (content: string) =>
    writeFileSync(path.join(bin, 'mvn'), `#!/bin/sh\nmkdir lib && printf '${content}' > lib/kafka.jar\n`, {
      mode: 0o755,
    });
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const lockPath = path.join(folder, 'lock.json');
  writeFileSync(lockPath, JSON.stringify({ 'kafka.jar': sha256('as it should be') }));

  it('refuses jars that are not the locked ones and leaves nothing behind', async () => {
    const cache = path.join(folder, 'refused');
    mavenDelivers('something else');
    await expect(installKafka({ lockPath, cache })).rejects.toThrow(/other files for Kafka .*: kafka\.jar\./);
    mavenDelivers('as it should be');
    const lib = await installKafka({ lockPath, cache });
    expect(readFileSync(path.join(lib, 'kafka.jar'), 'utf8')).toBe('as it should be');
  });

  it('installs once', async () => {
    const cache = path.join(folder, 'once');
    mavenDelivers('as it should be');
    const lib = await installKafka({ lockPath, cache });
    expect(lib).toContain(KAFKA_VERSION);
    writeFileSync(path.join(bin, 'mvn'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    expect(await installKafka({ lockPath, cache })).toBe(lib);
  });
});
