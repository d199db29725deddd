import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { STAGES } from '@atelier/contracts';
import { PlatformEnv, readPlatformEnv, requireVariables } from '@atelier/platform';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../setup/workspace.mjs';

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly image?: string;
}

const { services } = parse(readFileSync(path.join(ROOT, 'deploy/compose/compose.yaml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
};
const OWN = ['api', 'orchestrator', ...STAGES];

describe('the compose file', () => {
  it('has every service of the platform, each with a program of this repository', () => {
    expect(Object.keys(services)).toEqual(expect.arrayContaining(OWN));
    for (const name of OWN) {
      const program = services[name]?.command?.[0] ?? '';
      const source = program.replace('/dist/', '/src/').replace(/\.js$/, '.ts');
      expect({ name, program, exists: existsSync(path.join(ROOT, source)) }).toMatchObject({ exists: true });
    }
  });

  it('sets only variables that the platform knows, and those it cannot start without', () => {
    const known = new Set(Object.keys(PlatformEnv.shape));
    for (const name of OWN) {
      const given = Object.keys(services[name]?.environment ?? {});
      expect({ name, unknown: given.filter((variable) => !known.has(variable)) }).toEqual({ name, unknown: [] });
      expect(given).toEqual(expect.arrayContaining(['ATELIER_KAFKA_BROKERS', 'ATELIER_S3_ENDPOINT']));
    }
    expect(Object.keys(services.api?.environment ?? {})).toContain('ATELIER_LINK_SECRET');
    expect(services.api?.environment).toMatchObject({ ATELIER_AUTH: 'keys' });
  });

  it('gives every service values that it accepts, with the secrets of the .env file filled in', () => {
    for (const name of OWN) {
      const env = readPlatformEnv(filledIn(services[name]?.environment ?? {}));
      expect(() => requireVariables(env, [...WORKERS_NEED, ...(NEEDS[name] ?? [])]), name).not.toThrow();
    }
    expect(readPlatformEnv(filledIn(services.denoising?.environment ?? {})).ATELIER_REDIS_URL).toBe(
      'redis://redis:6379',
    );
  });

  it('tells no worker where the database is', () => {
    for (const stage of STAGES) {
      expect(JSON.stringify(services[stage]?.environment)).not.toMatch(/postgres/i);
    }
  });
});

const WORKERS_NEED = [
  'ATELIER_KAFKA_BROKERS',
  'ATELIER_S3_ENDPOINT',
  'ATELIER_S3_ACCESS_KEY',
  'ATELIER_S3_SECRET_KEY',
] as const;
/** What these cannot start without beside it. */
const NEEDS: Readonly<
  Record<string, readonly ('ATELIER_DATABASE_URL' | 'ATELIER_LINK_SECRET' | 'ATELIER_ADMIN_TOKEN')[]>
> = {
  api: ['ATELIER_DATABASE_URL', 'ATELIER_LINK_SECRET', 'ATELIER_ADMIN_TOKEN'],
  orchestrator: ['ATELIER_DATABASE_URL'],
};

/** As compose does it: `${NAME:-default}`, and `${NAME:?}` from the .env file, here 43 letters for every secret. */
function filledIn(environment: Readonly<Record<string, unknown>>): Record<string, string> {
  const fill = (value: string) =>
    value.replace(/\$\{\w+(:-([^}]*)|:\?)\}/g, (_, kind: string, fallback = '') =>
      kind === ':?' ? 'a'.repeat(43) : fallback,
    );
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fill(String(value))]));
}
