// The broker's jars from Maven, checked against kafka.lock.json, kept outside the clone.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runQuietly, SetupError, say } from '../setup/workspace.mjs';
import { STACK_CACHE } from './server-process.mjs';

export const KAFKA_VERSION = '4.4.0';
const LOCK_PATH = fileURLToPath(new URL('kafka.lock.json', import.meta.url));
const COPY_GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** Kafka logs through slf4j 1.7, which needs log4j's binding for that version: the slf4j2 one stays silent. */
const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>atelier</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.5</version>
    </dependency>
  </dependencies>
</project>
`;

/**
 * Folder with the broker's jars. The lock file's digest is part of its name and the folder appears in one rename, so
 * it is complete and right if it exists.
 */
export async function installKafka({ lockPath = LOCK_PATH, cache = STACK_CACHE } = {}) {
  const lock = readFileSync(lockPath);
  const digest = createHash('sha256').update(lock).digest('hex').slice(0, 12);
  const folder = path.join(cache, `kafka-${KAFKA_VERSION}-${digest}`);
  if (existsSync(folder)) return path.join(folder, 'lib');
  say(`Installing Kafka ${KAFKA_VERSION} ...`);
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(path.join(cache, 'kafka-'));
  try {
    await copyJars(draft);
    compare(sha256OfJars(path.join(draft, 'lib')), JSON.parse(lock.toString('utf8')));
    renameUnlessThere(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return path.join(folder, 'lib');
}

export async function copyJars(folder) {
  writeFileSync(path.join(folder, 'pom.xml'), POM);
  const options = ['-B', '-q', COPY_GOAL, '-DincludeScope=runtime', '-DoutputDirectory=lib'];
  await runQuietly('Maven', 'mvn', options, { cwd: folder });
}

/** @returns {Record<string, string>} file name -> SHA-256 in hex */
export function sha256OfJars(lib) {
  const names = readdirSync(lib).sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(path.join(lib, name)))
        .digest('hex'),
    ]),
  );
}

function compare(found, wanted) {
  const names = new Set([...Object.keys(found), ...Object.keys(wanted)]);
  const wrong = [...names].filter((name) => found[name] !== wanted[name]);
  if (wrong.length > 0) {
    throw new SetupError(`Maven delivered other files for Kafka than kafka.lock.json names: ${wrong.join(', ')}.`);
  }
}

/** Another process may have installed the same meanwhile; theirs is as good as ours. */
function renameUnlessThere(draft, folder) {
  try {
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}
