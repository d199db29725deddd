import { InferenceInputError } from '@atelier/ports';
import { describe, expect, it } from 'vitest';
import { captionTokens, concatenateKv } from './prefix.js';
import type { PromptTokenizer } from './prompt-tokenizer.js';

/** One token per word, and what was asked for. */
function wordTokenizer() {
  const texts: string[] = [];
  const encode = (text: string): number[] => {
    texts.push(text);
    return text.split(' ').map((_, index) => index);
  };
  return { tokenizer: { encode } as unknown as PromptTokenizer, texts };
}
const plan = (caption: string) => ({ caption, layout: [] });

describe('the text of a request', () => {
  it('is the caption of one picture as it stands, and of several the task and each behind its mark', () => {
    const { tokenizer, texts } = wordTokenizer();
    captionTokens({ task: 'recolour', plans: [plan('recolour. blue apple.')] }, tokenizer, 20);
    captionTokens({ task: 'storyboard', plans: [plan('glossy. dog.'), plan('glossy. cat.')] }, tokenizer, 20);
    expect(texts).toEqual(['recolour. blue apple.', 'storyboard. <out1> glossy. dog. <out2> glossy. cat.']);
  });

  it('is refused beyond the limit of the weights, never cut', () => {
    const { tokenizer } = wordTokenizer();
    expect(() => captionTokens({ task: 't', plans: [plan('a b c')] }, tokenizer, 2)).toThrow(InferenceInputError);
  });
});

describe('the references of a request', () => {
  it('stand behind one another in their order, within every layer and head', () => {
    const part = (tokens: number, value: number) => ({
      shape: [1, 2, 2, tokens, 1],
      data: new Float32Array(4 * tokens).fill(value),
    });
    const { shape, data } = concatenateKv([part(1, 1), part(2, 2), part(1, 3)]);
    expect(shape).toEqual([1, 2, 2, 4, 1]);
    expect([...data]).toEqual([1, 2, 2, 3, 1, 2, 2, 3, 1, 2, 2, 3, 1, 2, 2, 3]);
  });
});
