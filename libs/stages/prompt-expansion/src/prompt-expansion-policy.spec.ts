import { readFileSync } from 'node:fs';
import type { StageContext } from '@atelier/stage-runner';
import { expect, it } from 'vitest';
import { cases } from './fixtures/expectations.js';
import { promptExpansionPolicy } from './prompt-expansion-policy.js';
import { Vocabulary } from './vocabulary.js';

const vocabulary = Vocabulary.parse(
  JSON.parse(readFileSync(new URL('./fixtures/vocabulary.json', import.meta.url), 'utf8')),
);

// The policy needs nothing of its surroundings: any use of the context is an error.
const noContext = new Proxy(
  {},
  { get: (_, key) => expect.fail(`the context was asked for ${String(key)}`) },
) as StageContext;

const request = (prompt: string) => ({
  task: 'text-to-image',
  prompts: [prompt],
  samples: 1,
  outputs: 1,
  expandPrompt: 'auto' as const,
  layout: [],
  references: [],
  size: { widthPx: 256, heightPx: 256 },
  seed: 7,
});

it('expands through the stage, without blobs, engine or progress', async () => {
  const result = await promptExpansionPolicy({ vocabulary }).execute(request('a red apple left of a dog'), noContext);
  expect(result.plans[0]![0]!.caption).toMatch(/^glossy\. meadow at day <v\d>\. /);
});

it('fails with the class and code of a prompt that cannot be drawn, so that it is not tried again', async () => {
  const failure = promptExpansionPolicy({ vocabulary }).execute(request('asdf qwer'), noContext);
  await expect(failure).rejects.toMatchObject({ errorClass: 'invalid', code: 'prompt_not_drawable' });
});

/** Milliseconds that this thread computed: on a busy machine the clock on the wall measures the neighbours. */
function threadMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

it('takes less than 5 ms for the median prompt', async () => {
  const policy = promptExpansionPolicy({ vocabulary });
  const drawable = cases.filter(({ notDrawable }) => !notDrawable);
  const times: number[] = [];
  for (const { prompt } of [...drawable, ...drawable]) {
    const before = process.threadCpuUsage();
    await policy.execute(request(prompt), noContext);
    times.push(threadMsSince(before));
  }
  const warm = times.slice(drawable.length).sort((a, b) => a - b);
  expect(warm[Math.floor(warm.length / 2)]).toBeLessThan(5);
});

it('is not slowed down by the longest prompt of nonsense', async () => {
  const policy = promptExpansionPolicy({ vocabulary });
  const prompt = `a dog ${Array.from({ length: 1400 }, (_, i) => `qx${i.toString(26)}zv`).join(' ')}`
    .replace(/\d/gu, 'w')
    .slice(0, 10_000);
  await policy.execute(request(prompt), noContext);
  const before = process.threadCpuUsage();
  await policy.execute(request(prompt), noContext);
  expect(threadMsSince(before)).toBeLessThan(100);
});
