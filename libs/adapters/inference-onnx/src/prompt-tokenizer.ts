import { readFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';

/** Captions -> token ids, with the marks of beginning and end that `tokenizer.json` asks for. */
export class PromptTokenizer {
  private constructor(private readonly tokenizer: Tokenizer) {}

  static async open(path: string): Promise<PromptTokenizer> {
    return new PromptTokenizer(new Tokenizer(JSON.parse(await readFile(path, 'utf8')), {}));
  }

  encode(text: string): number[] {
    // Half of a surrogate pair has no UTF-8 form: it is read as U+FFFD, as everywhere else in the system.
    return this.tokenizer.encode(text.toWellFormed()).ids;
  }

  has(token: string): boolean {
    return this.tokenizer.token_to_id(token) !== undefined;
  }
}
