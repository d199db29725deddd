import type { Explanation, Warning } from '@atelier/contracts';

/** More entries of one kind than this are summed up: a nonsense prompt must not answer with a book. */
const MAX_PER_KIND = 12;

/** Collects what was changed and what the user should know. */
export class Notes {
  readonly explanation: Explanation[] = [];
  readonly warnings: Warning[] = [];
  readonly #param: string;
  #unknownLeft = 0;

  constructor(param = 'prompt') {
    this.#param = param;
  }

  explain(kind: Explanation['kind'], from: string, to: string, message: string): void {
    const same = this.explanation.filter((entry) => entry.kind === kind);
    if (same.some((entry) => entry.from === from && entry.to === to) || same.length >= MAX_PER_KIND) return;
    this.explanation.push({ kind, from, to, message });
  }

  warn(code: string, message: string): void {
    const same = this.warnings.filter((warning) => warning.code === code);
    if (same.some((warning) => warning.message === message)) return;
    if (same.length >= MAX_PER_KIND) {
      this.#unknownLeft++;
      return;
    }
    this.warnings.push({ code, message, param: this.#param });
  }

  /** Says how many warnings were left out. */
  close(): void {
    if (this.#unknownLeft > 0) {
      this.warnings.push({
        code: 'more_warnings',
        message: `${this.#unknownLeft} further warnings are left out.`,
        param: this.#param,
      });
    }
  }
}

export const CONTROL_TOKENS_IGNORED = 'Control tokens of the caption language are not accepted in a prompt: ignored.';

/** `removed`: what `neutralise` took out of a prompt. */
export function warnOfControlTokens(removed: readonly string[], notes: Notes): void {
  if (removed.length > 0) notes.warn('layout_tokens_ignored', CONTROL_TOKENS_IGNORED);
}

/** `"kitty"` for messages; long or odd text is cut. */
export const quoted = (text: string): string => `"${text.length > 40 ? `${text.slice(0, 39)}…` : text}"`;
