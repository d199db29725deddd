import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  /** What specs named `*.stack.spec.ts` get by `inject(name)`. */
  interface ProvidedContext {
    kafka: { brokers: string[] };
    /** Superuser on the database `postgres`; specs make databases of their own in it. */
    postgres: { url: string };
    redis: { url: string };
    s3: { endpoint: string; region: string; accessKeyId: string; secretAccessKey: string };
  }
}

export default function startStack(project: TestProject): Promise<() => Promise<void>>;
