import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GenerationRequest } from './generation-request.js';
import { Job } from './http/job-api.js';
import { TOPIC_NAMES, TOPICS } from './topics.js';
import { WeightsManifest } from './weights-manifest.js';

const PUBLISHED: Record<string, z.ZodType> = {
  ...Object.fromEntries(TOPIC_NAMES.map((name) => [name, TOPICS[name].schema])),
  'generation-request.v1': GenerationRequest,
  'weights-manifest.v1': WeightsManifest,
  'job.v1': Job,
};

/**
 * Python reads these files, so they are committed. After a change of a schema: `npx vitest run libs/contracts -u`,
 * and look at the difference: anything but an added optional field is a new major version.
 */
describe('published JSON Schemas', () => {
  it.each(Object.keys(PUBLISHED))('%s is the schema that the code validates with', async (name) => {
    const schema = z.toJSONSchema(PUBLISHED[name]!, { io: 'input', unrepresentable: 'any' });
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(`../schemas/${name}.json`);
  });
});
