import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  /** What specs named `*.stack.spec.ts` get by `inject(name)`. */
  interface ProvidedContext {
    kafka: { brokers: string[] };
  }
}

export default function startStack(project: TestProject): Promise<() => Promise<void>>;
