// `npm run cluster`: installs what is missing, builds, starts the servers and every service on loopback, shows their
// logs line by line with the name of the process before it, and stops all of it on Ctrl-C.
//
// `--inference grpc`, or ATELIER_INFERENCE, draws with the Python runtime (`--inference denoising=grpc,decoding=grpc`
// names the stages).
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../setup/build.mjs';
import { ensureInstalled } from '../setup/install.mjs';
import { ensurePython } from '../setup/python.mjs';
import { main, ROOT, SetupError, say } from '../setup/workspace.mjs';
import { startCluster } from './cluster.mjs';
import { follow } from './follow-log.mjs';
import { installStack } from './install.mjs';

const DEFAULT_PORT = 7878;
/** Read here; the services get what follows from them. */
const OWN_VARIABLES = ['ATELIER_PORT', 'ATELIER_DATA_DIR', 'ATELIER_REPLICAS', 'ATELIER_INFERENCE'];

const STAGES_WITH_ENGINE = ['reference-encoding', 'denoising', 'decoding', 'scoring'];
const ENGINES = ['onnx', 'grpc'];

main(async () => {
  const engines = enginesFrom(process.argv.slice(2));
  await ensureInstalled();
  await build();
  say('Installing the servers that are missing ...');
  await installStack();

  const dataDir = path.resolve(ROOT, process.env.ATELIER_DATA_DIR ?? '.atelier/cluster');
  mkdirSync(dataDir, { recursive: true });
  // PostgreSQL runs under an account of its own and has to get through to its folder.
  for (const folder of [path.dirname(dataDir), dataDir]) chmodSync(folder, 0o755);
  say('Starting Kafka, PostgreSQL, Redis, S3 and the services ...');
  const startedMs = performance.now();
  const cluster = await startCluster({
    dataDir,
    port: Number(process.env.ATELIER_PORT ?? DEFAULT_PORT),
    replicas: { orchestrator: 2, ...replicasFrom(process.env.ATELIER_REPLICAS) },
    environment: { ATELIER_LINK_SECRET: linkSecret(dataDir), ...atelierVariables() },
    environments: await engineVariables(engines),
  });
  const stopFollowing = cluster.services.map((service) => follow(service.logPath, (line) => show(service.name, line)));
  process.stdout.write(`${banner(cluster, performance.now() - startedMs)}\n`);

  let stopping = false;
  const stop = async (signal) => {
    if (stopping) process.exit(1);
    stopping = true;
    say(`${signal}: draining the services, then stopping the servers; once more to stop at once.`);
    await cluster.stop();
    for (const end of stopFollowing) end();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop(signal));
  watchForDeaths(cluster, () => stopping);
});

/** Stage -> engine, from `--inference grpc` (the stage that costs most) or `--inference denoising=grpc,decoding=grpc`. */
function enginesFrom(args) {
  const usage = `--inference ${ENGINES.join('|')}, or <stage>=<engine> separated by commas`;
  const parse = () => parseArgs({ args, options: { inference: { type: 'string' } } }).values.inference;
  let text;
  try {
    text = parse();
  } catch (error) {
    throw new SetupError(`${error.message} Usage: npm run cluster -- [${usage}]`);
  }
  const pairs = (text ?? process.env.ATELIER_INFERENCE ?? '').split(',').filter(Boolean);
  const engines = Object.fromEntries(pairs.map((pair) => (pair.includes('=') ? pair.split('=') : ['denoising', pair])));
  for (const [stage, engine] of Object.entries(engines)) {
    if (!STAGES_WITH_ENGINE.includes(stage) || !ENGINES.includes(engine)) {
      throw new SetupError(`There is no engine ${engine} for ${stage}. Usage: npm run cluster -- [${usage}]`);
    }
  }
  return engines;
}

/** What the workers of each stage get; the Python environment is made when a stage asks for it. */
async function engineVariables(engines) {
  const needsPython = Object.values(engines).includes('grpc') && !process.env.ATELIER_PYTHON;
  const python = needsPython ? { ATELIER_PYTHON: await ensurePython() } : {};
  return Object.fromEntries(
    Object.entries(engines).map(([stage, engine]) => [
      stage,
      { ATELIER_INFERENCE: engine, ...(engine === 'grpc' ? python : {}) },
    ]),
  );
}

/** `denoising=2,api=2` */
function replicasFrom(text = '') {
  const pairs = text.split(',').filter(Boolean);
  return Object.fromEntries(
    pairs.map((pair) => {
      const [kind, count] = pair.split('=');
      return [kind, Number(count)];
    }),
  );
}

/** The user's own settings reach every service; where the servers are is set by the cluster. */
const atelierVariables = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        ['OTEL_EXPORTER_OTLP_ENDPOINT'].includes(name) ||
        (name.startsWith('ATELIER_') && !OWN_VARIABLES.includes(name)),
    ),
  );

/** Kept, so that links to pictures outlive a restart. */
function linkSecret(dataDir) {
  const file = path.join(dataDir, 'link-secret');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

const show = (name, line) => process.stdout.write(`${name.padEnd(22)} ${line}\n`);

function banner(cluster, elapsedMs) {
  const { kafka, postgres, redis, s3 } = cluster.stack;
  const rows = [
    ['Studio', `${cluster.url}/`],
    ['API', cluster.urls.map((url) => `${url}/v1/images/generations`).join('  ')],
    ['Docs', `${cluster.url}/docs`],
    ...(process.env.ATELIER_AUTH === 'keys' ? [['Admin token', cluster.adminToken]] : []),
    ['Kafka', kafka.brokers.join(',')],
    ['PostgreSQL', postgres.url],
    ['Redis', redis.url],
    ['S3', s3.endpoint],
    ...cluster.services.map((service) => [service.name, `pid ${service.pid}  ${service.opsUrl}/metrics`]),
  ];
  const lines = rows.map(([name, text]) => `  ${name.padEnd(22)}${text}`);
  return [`Ready after ${(elapsedMs / 1000).toFixed(1)} s.`, ...lines, 'Ctrl-C stops all of it.'].join('\n');
}

/** A service that ended by itself is started again, as a supervisor would. */
function watchForDeaths(cluster, isStopping) {
  for (const service of cluster.services) {
    const watch = async () => {
      const { code, signal } = await service.exited;
      if (isStopping()) return;
      show(service.name, `ended with ${signal ?? `exit code ${code}`}; starting it again`);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      if (isStopping()) return;
      await service.start().catch((error) => show(service.name, error.message));
      await watch();
    };
    void watch();
  }
}
