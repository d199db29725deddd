import { parseArgs } from 'node:util';
import { hashApiKey, newApiKey } from '@atelier/api';
import { readPlatformEnv, systemClock } from '@atelier/platform';
import { createEmbeddedStore, DataFolderLockedError } from '@atelier/store-prisma';
import { DataFolder } from './data-folder.js';

const USAGE =
  'usage: keys create --tenant NAME [--label TEXT] [--weight N] [--json] | keys list --tenant NAME [--json]';
const EXIT = { ok: 0, failed: 1, usage: 2, rejected: 4 } as const;

interface CreatedKey {
  readonly tenant: string;
  readonly key: string;
  readonly label: string;
}
interface ListedKey {
  readonly label: string;
  readonly created_at: number;
  readonly hash_prefix: string;
}

/** The two things an operator does with keys. */
interface KeyService {
  create(tenant: string, label: string, weight: number): Promise<CreatedKey>;
  list(tenant: string): Promise<readonly ListedKey[]>;
}

/**
 * Creates and lists API keys. The database has one owner at a time: a running platform is asked over its administrative
 * routes with the token that it left in the data folder; without one, the database is opened here.
 */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      tenant: { type: 'string' },
      label: { type: 'string' },
      weight: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const [action] = positionals;
  const { tenant } = values;
  const weight = Number(values.weight ?? 1);
  if ((action !== 'create' && action !== 'list') || !tenant || !(weight > 0)) return usage();
  if (!/^(ten_)?[0-9a-z-]{1,40}$/.test(tenant)) {
    process.stderr.write('--tenant must be lower-case letters, digits and hyphens, at most 40\n');
    return EXIT.rejected;
  }
  const folder = new DataFolder(readPlatformEnv(process.env).ATELIER_DATA_DIR);
  await withKeys(folder, async (keys) => {
    if (action === 'create') printCreated(await keys.create(tenant, values.label ?? '', weight), values.json === true);
    else printList(await keys.list(tenant), values.json === true);
  });
  return EXIT.ok;
}

const usage = (): number => {
  process.stderr.write(`${USAGE}\n`);
  return EXIT.usage;
};

function printCreated(created: CreatedKey, asJson: boolean): void {
  if (asJson) process.stdout.write(`${JSON.stringify(created)}\n`);
  else process.stdout.write(`${created.key}\n`);
  process.stderr.write(`key of ${created.tenant}; it is shown this once\n`);
}

function printList(keys: readonly ListedKey[], asJson: boolean): void {
  if (asJson) process.stdout.write(`${JSON.stringify(keys)}\n`);
  for (const { label, created_at, hash_prefix } of asJson ? [] : keys) {
    process.stdout.write(`${hash_prefix}...  ${new Date(created_at).toISOString()}  ${label}\n`);
  }
}

async function withKeys(folder: DataFolder, work: (keys: KeyService) => Promise<void>): Promise<void> {
  await folder.create();
  let store: Awaited<ReturnType<typeof createEmbeddedStore>>;
  try {
    store = await createEmbeddedStore({ dataDir: folder.database, clock: systemClock });
  } catch (error) {
    if (!(error instanceof DataFolderLockedError)) throw error;
    return work(await runningPlatform(folder));
  }
  try {
    await work({
      async create(name, label, weight) {
        const tenant = tenantIdOf(name);
        const key = newApiKey();
        await store.createTenant({ id: tenant, weight, name });
        await store.createApiKey({ tenantId: tenant, keyHash: hashApiKey(key), label });
        return { tenant, key, label };
      },
      async list(name) {
        const keys = await store.listApiKeys(tenantIdOf(name));
        return keys.map(({ label, createdAt, keyHashPrefix }) => ({
          label,
          created_at: createdAt,
          hash_prefix: keyHashPrefix,
        }));
      },
    });
  } finally {
    await store.close();
  }
}

async function runningPlatform(folder: DataFolder): Promise<KeyService> {
  const server = await folder.readServerFile();
  if (!server) throw new Error('a platform holds the data folder but has not written its address yet; try again');
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T & { error?: { message: string } };
    if (!response.ok) throw new Error(answer.error?.message ?? `HTTP ${response.status}`);
    return answer;
  };
  return {
    create: (tenant, label, weight) => call('POST', '/admin/keys', { tenant, label, weight }),
    list: async (tenant) =>
      (await call<{ data: ListedKey[] }>('GET', `/admin/keys?tenant=${encodeURIComponent(tenant)}`)).data,
  };
}

const tenantIdOf = (name: string): string => (name.startsWith('ten_') ? name : `ten_${name}`);

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const isUsage = String((error as NodeJS.ErrnoException).code ?? '').startsWith('ERR_PARSE_ARGS');
    process.stderr.write(`${error instanceof Error ? error.message : error}${isUsage ? `\n${USAGE}` : ''}\n`);
    process.exitCode = isUsage ? EXIT.usage : EXIT.failed;
  },
);
