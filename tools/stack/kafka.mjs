// One Kafka broker that is its own controller, small and quick to start.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installKafka } from './kafka-install.mjs';
import { RestartableServer } from './restartable-server.mjs';
import { freePorts, startServer } from './server-process.mjs';

export { installKafka, KAFKA_VERSION } from './kafka-install.mjs';

const JVM_OPTIONS = [
  ...['-Xmx384m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:+ExitOnOutOfMemoryError'],
  '-Dlog4j2.configurationFile=log4j2.yaml',
];

const LOG4J = `Configuration:
  status: ERROR
  Appenders:
    Console: { name: STDOUT, PatternLayout: { pattern: "%d{ISO8601} %p %c{1} %m%n" } }
  Loggers:
    Root: { level: WARN, AppenderRef: [ { ref: STDOUT } ] }
    Logger: [ { name: kafka.server.KafkaRaftServer, level: INFO } ]
`;

/**
 * Starts a broker whose configuration, data and log lie in `dataDir`. A folder that was used before keeps its ports
 * and its messages only through `restart`.
 *
 * @param {object} options see kafka.d.mts
 */
export async function startKafka({ dataDir, settings = {} }) {
  const lib = await installKafka();
  const folder = path.resolve(dataDir);
  mkdirSync(folder, { recursive: true });
  const [port, controllerPort] = await freePorts(2);
  writeFileSync(path.join(folder, 'log4j2.yaml'), LOG4J);
  writeFileSync(path.join(folder, 'server.properties'), properties({ port, controllerPort, settings }));
  const java = (...args) => [...JVM_OPTIONS, '-cp', path.join(lib, '*'), ...args];
  if (!existsSync(path.join(folder, 'data'))) format(folder, java);
  const start = () =>
    startServer({
      name: 'Kafka',
      program: 'java',
      args: java('kafka.Kafka', 'server.properties'),
      port,
      logPath: path.join(folder, 'kafka.log'),
      spawnOptions: { cwd: folder },
    });
  return Object.assign(new RestartableServer(await start(), start), { port, brokers: [`127.0.0.1:${port}`] });
}

/** A cluster id of its own for every data folder: brokers that share one by accident would not notice. */
function format(folder, java) {
  const bytes = randomBytes(16);
  bytes[0] &= 0x7f; // an id that begins with "-" would be read as an option
  const clusterId = bytes.toString('base64url');
  const args = java('kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', 'server.properties');
  const { status, stdout, stderr, error } = spawnSync('java', args, { cwd: folder, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`Kafka could not format its data folder:\n${stdout}${stderr}`);
}

function properties({ port, controllerPort, settings }) {
  const all = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': 'data',
    'num.partitions': 1,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    // A first member gets its partitions at once; by default the broker waits three seconds for others.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'num.network.threads': 1,
    'num.io.threads': 2,
    'background.threads': 2,
    'num.replica.fetchers': 1,
    'log.cleaner.dedupe.buffer.size': 2097152,
    'log.segment.bytes': 16777216,
    'log.index.size.max.bytes': 262144,
    'offsets.topic.segment.bytes': 1048576,
    // After a crash the broker may register again only when its old registration has run out: 9 s by default.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    ...settings,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
