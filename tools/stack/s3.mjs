// One S3 server over a folder: versitygw, built from its Go module.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runQuietly, say } from '../setup/workspace.mjs';
import { RestartableServer } from './restartable-server.mjs';
import { freePorts, STACK_CACHE, startServer } from './server-process.mjs';

export const VERSITYGW_VERSION = '1.8.0';
const MODULE = `github.com/versity/versitygw/cmd/versitygw@v${VERSITYGW_VERSION}`;

/** The server's program. Go checks the module against its checksum database; building takes a minute or two. */
export async function installS3({ cache = STACK_CACHE } = {}) {
  const program = path.join(cache, `versitygw-${VERSITYGW_VERSION}`, 'versitygw');
  if (existsSync(program)) return program;
  say('Building the S3 server ...');
  mkdirSync(path.dirname(program), { recursive: true });
  const draft = mkdtempSync(path.join(cache, 'versitygw-'));
  try {
    const env = { ...process.env, GOBIN: draft, CGO_ENABLED: '0' };
    await runQuietly('go install', 'go', ['install', '-ldflags', '-s -w', '-trimpath', MODULE], { env, cwd: draft });
    renameSync(path.join(draft, 'versitygw'), program);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return program;
}

/** @param {object} options see s3.d.mts */
export async function startS3({ dataDir, accessKeyId = 'atelier', secretAccessKey = 'local-secret' }) {
  const program = await installS3();
  const folder = path.resolve(dataDir);
  // Object metadata lie in user attributes of the files: the file system must have them.
  const objects = path.join(folder, 'objects');
  mkdirSync(objects, { recursive: true });
  const [port] = await freePorts(1);
  const region = 'us-east-1';
  const start = () =>
    startServer({
      name: 'S3',
      program,
      args: ['--port', `127.0.0.1:${port}`, '--region', region, 'posix', objects],
      port,
      logPath: path.join(folder, 's3.log'),
      // By environment and not by argument: arguments are seen by every account of the machine.
      spawnOptions: {
        cwd: folder,
        env: { ...process.env, ROOT_ACCESS_KEY_ID: accessKeyId, ROOT_SECRET_ACCESS_KEY: secretAccessKey },
      },
    });
  const server = new RestartableServer(await start(), start);
  return Object.assign(server, { port, endpoint: `http://127.0.0.1:${port}`, region, accessKeyId, secretAccessKey });
}
