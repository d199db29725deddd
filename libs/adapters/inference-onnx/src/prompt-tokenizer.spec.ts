import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { PromptTokenizer } from './prompt-tokenizer.js';

const runtime = (path: string) => fileURLToPath(new URL(`../../../../gpu-runtime/${path}`, import.meta.url));
/** Ids by the Python library that the weights are trained with; the Python tests hold it to the same file. */
const CASES = JSON.parse(readFileSync(runtime('tests/fixtures/tokenizer.json'), 'utf8')) as {
  text: string;
  ids: number[];
}[];

describe('the prompt tokeniser', () => {
  let tokenizer: PromptTokenizer;
  beforeAll(async () => {
    tokenizer = await PromptTokenizer.open(runtime('tokenizer/tokenizer.json'));
  });

  it.each(CASES)('gives "$text" the ids that the weights were trained with', ({ text, ids }) => {
    expect(tokenizer.encode(text)).toEqual(ids);
  });

  it('gives a layout word one id, whatever stands beside it', () => {
    for (const text of ['<x20>', 'dog <x20>', 'dog<x20>', '<x20><y40>']) {
      const ids = tokenizer.encode(text);
      expect(ids.filter((id) => id === tokenizer.encode('<x20>')[1])).toHaveLength(1);
    }
    expect(tokenizer.encode('<x20><y40><s24><v3><out1><ref8><task:recolour><null>')).toHaveLength(10);
  });

  it('reads half of a surrogate pair as the replacement character', () => {
    expect(tokenizer.encode('\ud83d')).toEqual(tokenizer.encode('\ufffd'));
  });
});
