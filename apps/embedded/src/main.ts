import {
  ConfigurationError,
  createLogger,
  findWeights,
  type PlatformEnv,
  readPlatformEnv,
  stopOnSignals,
  unknownVariables,
} from '@atelier/platform';
import { startEmbedded } from './start-embedded.js';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** Starts the platform in the foreground and stops it on SIGINT or SIGTERM; a second signal stops it at once. */
async function main(): Promise<void> {
  const env = readPlatformEnv(process.env);
  const logger = createLogger({ level: env.ATELIER_LOG, name: 'embedded' });
  for (const name of unknownVariables(process.env)) logger.warn({ name }, 'this environment variable is not known');
  const startedAtMs = performance.now();
  const platform = await startEmbedded({
    dataDir: env.ATELIER_DATA_DIR,
    host: env.ATELIER_HOST,
    port: env.ATELIER_PORT,
    auth: env.ATELIER_AUTH,
    weightsDir: await findWeights(env.ATELIER_WEIGHTS),
    ...(env.ATELIER_THREADS === undefined ? {} : { threads: env.ATELIER_THREADS }),
    precision: env.ATELIER_PRECISION,
    cacheMb: env.ATELIER_CACHE_MB,
    resultHours: env.ATELIER_RESULT_HOURS,
    queueLimit: env.ATELIER_QUEUE_LIMIT,
    logger,
  });
  stopOnSignals({
    stop: () => platform.stop(),
    onSignal: (signal) => print(`${signal}: finishing what runs; once more to stop at once.`),
  });
  print(`Atelier is up at ${platform.url} and draws its first picture ...`);
  const check = await platform.ready;
  if (check) print(`  "${check.prompt}" in ${seconds(check.elapsedMs)}, ${check.imageBytes} bytes`);
  print(banner(platform.url, env, performance.now() - startedAtMs));
}

const banner = (url: string, env: PlatformEnv, elapsedMs: number): string =>
  [
    `Ready after ${seconds(elapsedMs)}.`,
    `  Studio   ${url}/`,
    `  API      ${url}/v1/images/generations`,
    `  Docs     ${url}/docs`,
    `  Data     ${env.ATELIER_DATA_DIR}`,
    `  Keys     ${env.ATELIER_AUTH === 'open' ? 'not needed (this machine only)' : 'needed: npm run atelier -- keys create --tenant <name>'}`,
    'Ctrl-C stops it.',
  ].join('\n');

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

main().catch((error: unknown) => {
  const isUsage = error instanceof ConfigurationError;
  process.stderr.write(`${error instanceof Error ? (isUsage ? error.message : error.stack) : error}\n`);
  process.exit(isUsage ? EXIT_USAGE : EXIT_FAILED);
});
