import { z } from 'zod';

const LOOPBACK_HOSTS = ['127.0.0.1', '::1', 'localhost'];

const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `a whole number from ${minimum} to ${maximum}`)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, `a whole number from ${minimum} to ${maximum}`);

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });

/** Every environment variable of the platform. `describe` is the sentence that the documentation prints. */
export const PlatformEnv = z
  .object({
    ATELIER_HOST: z.string().default('127.0.0.1').describe('Address that the HTTP server binds to.'),
    ATELIER_PORT: wholeNumber(0, 65_535)
      .prefault('7878')
      .describe('Port of the HTTP server; 0 takes a free one and the start message names it.'),
    ATELIER_DATA_DIR: z
      .string()
      .default('.atelier')
      .describe('Folder for the embedded database, pictures and keys; relative to where the platform is started.'),
    ATELIER_AUTH: oneOf(['open', 'keys'])
      .default('open')
      .describe('open: no key needed, loopback only. keys: every call needs an API key.'),
    ATELIER_LOG: oneOf(['silent', 'error', 'warn', 'info', 'debug'])
      .default('info')
      .describe('Least severe level that is logged, as JSON lines on standard error.'),
    ATELIER_WEIGHTS: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'the name of a folder in gpu-runtime/weights')
      .optional()
      .describe('Weights to draw with, by name; without it the ones that gpu-runtime/weights/default.json names.'),
    ATELIER_WEIGHTS_DIR: z
      .string()
      .optional()
      .describe('Folder that holds the weights by name; without it gpu-runtime/weights of this repository.'),
    ATELIER_THREADS: wholeNumber(1, 256)
      .optional()
      .describe('CPU threads of the inference engine; without it one less than the machine has, at least one.'),
    ATELIER_INFERENCE: oneOf(['onnx', 'grpc'])
      .default('onnx')
      .describe(
        'Engine of a worker. onnx: in the process, on the CPU. grpc: the Python runtime as a process beside it.',
      ),
    ATELIER_PYTHON: z
      .string()
      .optional()
      .describe('Python interpreter of the runtime, with the packages of gpu-runtime/requirements.lock.'),
    ATELIER_DEVICE: oneOf(['cpu', 'cuda']).default('cpu').describe('Device that the Python runtime computes on.'),
    ATELIER_PRECISION: oneOf(['fp32', 'int8', 'w8a8', 'w4a8'])
      .default('fp32')
      .describe(
        'Precision of the engine. int8: the 8-bit graphs of ONNX Runtime, where the weights have them. w8a8, w4a8: the ' +
          'Python runtime with weights that were packed for it.',
      ),
    ATELIER_CACHE_MB: wholeNumber(1, 1_000_000).prefault('256').describe('Megabytes of memory for encoded references.'),
    ATELIER_SHARED_CACHE_MB: wholeNumber(1, 1_000_000)
      .prefault('48')
      .describe('Megabytes of Redis for encoded references, of all workers together.'),
    ATELIER_RESULT_HOURS: wholeNumber(1, 876_000)
      .prefault('720')
      .describe('Hours after which the pictures of a job are deleted.'),
    ATELIER_QUEUE_LIMIT: wholeNumber(1, 10_000_000)
      .prefault('10000')
      .describe('Unfinished jobs per tenant from which on new ones are answered with 429.'),
    ATELIER_DRAWINGS_PER_TENANT: wholeNumber(1, 10_000)
      .optional()
      .describe('Denoising runs that one tenant may have at the workers at once; without it as many as are free.'),
    ATELIER_INSTANCE: z
      .string()
      .regex(/^[0-9a-z][0-9a-z-]{0,39}$/, 'lower-case letters, digits and hyphens, at most 40')
      .optional()
      .describe('Name of this process, unique among all that run; without it a random one at every start.'),
    ATELIER_OPS_PORT: wholeNumber(0, 65_535)
      .prefault('0')
      .describe('Port of /healthz, /readyz and /metrics of a separate service; 0 takes a free one.'),
    ATELIER_OPS_HOST: z.string().default('127.0.0.1').describe('Address that /healthz, /readyz and /metrics bind to.'),
    ATELIER_DRAIN_MS: wholeNumber(0, 600_000)
      .prefault('1000')
      .describe('Milliseconds that running work gets after SIGTERM; then it is handed back with its checkpoint.'),
    ATELIER_KAFKA_BROKERS: z
      .string()
      .regex(/^[^,\s]+:\d+(,[^,\s]+:\d+)*$/, 'host:port, several separated by commas')
      .optional()
      .describe('Kafka brokers of the separate services, host:port, several separated by commas.'),
    ATELIER_DATABASE_URL: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'a postgresql:// address')
      .optional()
      .describe('PostgreSQL of the API and the orchestrator; workers have no database.'),
    ATELIER_REDIS_URL: z
      .string()
      .regex(/^rediss?:\/\//, 'a redis:// address')
      .optional()
      .describe('Redis that workers share encoded references through; without it each keeps its own.'),
    ATELIER_S3_ENDPOINT: z
      .string()
      .regex(/^https?:\/\//, 'an http:// or https:// address')
      .optional()
      .describe('S3 server that holds pictures, latents and checkpoints.'),
    ATELIER_S3_REGION: z.string().default('us-east-1').describe('Region of the S3 server.'),
    ATELIER_S3_BUCKET: z.string().default('atelier').describe('Bucket of the S3 server.'),
    ATELIER_S3_ACCESS_KEY: z.string().optional().describe('Access key of the S3 server.'),
    ATELIER_S3_SECRET_KEY: z.string().optional().describe('Secret key of the S3 server.'),
    ATELIER_LINK_SECRET: z
      .string()
      .regex(/^[0-9A-Za-z_-]{43,}$/, 'at least 32 bytes as base64url')
      .optional()
      .describe('Signs links to pictures; the same for all API replicas, at least 32 bytes as base64url.'),
    ATELIER_ADMIN_TOKEN: z
      .string()
      .min(16, 'at least 16 characters')
      .optional()
      .describe('Guards the administrative routes of the API; without it they do not exist.'),
    OTEL_EXPORTER_OTLP_ENDPOINT: z
      .string()
      .regex(/^https?:\/\//, 'an http:// or https:// address')
      .optional()
      .describe('OpenTelemetry collector that spans are sent to over HTTP; without it they stay in the process.'),
  })
  .superRefine((env, context) => {
    if (env.ATELIER_AUTH === 'open' && !LOOPBACK_HOSTS.includes(env.ATELIER_HOST)) {
      context.addIssue({
        code: 'custom',
        path: ['ATELIER_HOST'],
        message: `a loopback address while ATELIER_AUTH is open (set ATELIER_AUTH=keys to bind to anything else)`,
      });
    }
  });
export type PlatformEnv = z.infer<typeof PlatformEnv>;

/** Thrown at boot when a variable has a value that is not allowed; names each one. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(
    readonly variables: readonly string[],
    sentences: readonly string[],
  ) {
    super(sentences.join('\n'));
  }
}

/** Parses the environment once, at boot. An empty variable counts as absent, as compose files write them. */
export function readPlatformEnv(environment: Readonly<Record<string, string | undefined>>): PlatformEnv {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = PlatformEnv.safeParse(given);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  throw new ConfigurationError(
    issues.map(({ path }) => String(path[0])),
    issues.map(({ path, message }) => {
      const name = String(path[0]);
      return `${name} is ${JSON.stringify(given[name])} and must be ${message}.`;
    }),
  );
}

/** The same configuration, with the named variables present: what a process cannot run without. */
export function requireVariables<K extends keyof PlatformEnv>(
  env: PlatformEnv,
  names: readonly K[],
): PlatformEnv & { readonly [N in K]-?: NonNullable<PlatformEnv[N]> } {
  const missing = names.filter((name) => env[name] === undefined);
  if (missing.length > 0) {
    throw new ConfigurationError(
      missing,
      missing.map((name) => `${name} is not set. ${PlatformEnv.shape[name].description}`),
    );
  }
  return env as PlatformEnv & { readonly [N in K]-?: NonNullable<PlatformEnv[N]> };
}

/** `ATELIER_*` variables that nobody reads, most likely misspelt; worth a warning at boot. */
export function unknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
  readElsewhere: readonly string[] = ['ATELIER_URL', 'ATELIER_API_KEY'],
): string[] {
  const known = new Set([...Object.keys(PlatformEnv.shape), ...readElsewhere]);
  return Object.keys(environment).filter((name) => name.startsWith('ATELIER_') && !known.has(name));
}
