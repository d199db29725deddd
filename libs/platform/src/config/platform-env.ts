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
    ATELIER_THREADS: wholeNumber(1, 256)
      .optional()
      .describe('CPU threads of the inference engine; without it one less than the machine has, at least one.'),
    ATELIER_CACHE_MB: wholeNumber(1, 1_000_000).prefault('256').describe('Megabytes of memory for encoded references.'),
    ATELIER_RESULT_HOURS: wholeNumber(1, 876_000)
      .prefault('720')
      .describe('Hours after which the pictures of a job are deleted.'),
    ATELIER_QUEUE_LIMIT: wholeNumber(1, 10_000_000)
      .prefault('10000')
      .describe('Unfinished jobs per tenant from which on new ones are answered with 429.'),
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

/** `ATELIER_*` variables that nobody reads, most likely misspelt; worth a warning at boot. */
export function unknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
  readElsewhere: readonly string[] = ['ATELIER_URL', 'ATELIER_API_KEY'],
): string[] {
  const known = new Set([...Object.keys(PlatformEnv.shape), ...readElsewhere]);
  return Object.keys(environment).filter((name) => name.startsWith('ATELIER_') && !known.has(name));
}
