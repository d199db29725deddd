import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { GenerationRequest } from './generation-request.js';
import { Job } from './http/job-api.js';
import { TOPIC_NAMES, TOPICS } from './topics.js';

const folder = new URL('../fixtures/', import.meta.url);
const load = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));

/** A fixture is `<schema>.<scenario>.json`; the Python tests read the same files against the published JSON Schemas. */
const SCHEMAS: Record<string, z.ZodType> = {
  ...Object.fromEntries(TOPIC_NAMES.map((name) => [name, TOPICS[name].schema])),
  'generation-request.v1': GenerationRequest,
  'job.v1': Job,
};
const schemaOf = (file: string): string => file.replace(/\.[^.]+\.json$/, '');

describe('contract fixtures', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));

  it('cover every topic', () => {
    const covered = new Set(files.map(schemaOf));
    expect(TOPIC_NAMES.filter((name) => !covered.has(name))).toEqual([]);
  });

  it.each(files)('%s is what its schema says, with nothing left over', (file) => {
    const schema = SCHEMAS[schemaOf(file)];
    expect(schema, `no schema for ${file}`).toBeDefined();
    const value = load(file);
    expect(schema!.parse(value)).toEqual(value);
  });

  it.each(files)('%s is refused once a required field is gone', (file) => {
    const schema = SCHEMAS[schemaOf(file)]!;
    const value = load(file) as Record<string, unknown>;
    const { [requiredField(value)]: _gone, ...rest } = value;
    expect(schema.safeParse(rest).success).toBe(false);
  });
});

const requiredField = (value: Record<string, unknown>): string => ('schemaVersion' in value ? 'schemaVersion' : 'id');
