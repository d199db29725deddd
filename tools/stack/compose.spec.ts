import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { STAGES } from '@atelier/contracts';
import { PlatformEnv } from '@atelier/platform';
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

  it('tells no worker where the database is', () => {
    for (const stage of STAGES) {
      expect(JSON.stringify(services[stage]?.environment)).not.toMatch(/postgres/i);
    }
  });
});
