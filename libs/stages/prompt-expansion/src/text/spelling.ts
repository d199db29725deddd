/**
 * Damerau-Levenshtein distance, restricted (optimal string alignment): insert, delete, replace and swapping two
 * neighbours cost 1 each. Returns `limit + 1` as soon as the distance is known to exceed `limit`.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, beforeLast[j - 2]! + 1);
      }
      row.push(value);
      if (value < best) best = value;
    }
    if (best > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** How many slips a word of this length may hold and still be recognised. Short words are too close to each other. */
const allowedEdits = (length: number): number => (length >= 8 ? 2 : length >= 4 ? 1 : 0);

const MAX_EDITS = 2;

function deletions(word: string, edits: number): Set<string> {
  let level = new Set([word]);
  const all = new Set(level);
  for (let k = 0; k < edits; k++) {
    const next = new Set<string>();
    for (const form of level) {
      for (let i = 0; i < form.length; i++) next.add(form.slice(0, i) + form.slice(i + 1));
    }
    for (const form of next) all.add(form);
    level = next;
  }
  return all;
}

/**
 * Finds the word a typo was meant to be. Words within two edits share a form with at most two deletions each
 * (symmetric delete, W. Garbe), so a lookup costs the same however large the dictionary is.
 */
export class SpellingDictionary {
  readonly #byDeletion = new Map<string, string[]>();
  readonly #rank = new Map<string, number>();

  /** `words` in order of preference. */
  constructor(words: Iterable<string>) {
    for (const word of words) {
      if (this.#rank.has(word) || word.length < 3) continue;
      this.#rank.set(word, this.#rank.size);
      // One spare edit: a typo may be longer than the word and be allowed more slips than the word's own length.
      for (const form of deletions(word, Math.min(MAX_EDITS, allowedEdits(word.length + 1)))) {
        const list = this.#byDeletion.get(form);
        if (list) list.push(word);
        else this.#byDeletion.set(form, [word]);
      }
      if (allowedEdits(word.length + 1) === 0) this.#byDeletion.set(word, [word]);
    }
  }

  /** The best correction of a word that is in no dictionary, or null. */
  correct(typo: string): string | null {
    if (typo.length < 3 || typo.length > 24) return null;
    let best: { word: string; score: number } | null = null;
    const seen = new Set<string>();
    for (const form of deletions(typo, Math.max(1, allowedEdits(typo.length + 1)))) {
      for (const word of this.#byDeletion.get(form) ?? []) {
        if (seen.has(word)) continue;
        seen.add(word);
        const score = this.#score(typo, word);
        if (score !== null && (best === null || score < best.score)) best = { word, score };
      }
    }
    return best?.word ?? null;
  }

  /** Lower is better; null when the words are too far apart. */
  #score(typo: string, word: string): number | null {
    // In three letters only swapped neighbours are safe: "dgo", but never "dug".
    if (typo.length === 3) {
      const swapped = word.length === 3 && editDistance(typo, word, 1) === 1 && sameLetters(typo, word);
      return swapped ? this.#rank.get(word)! / 1e5 : null;
    }
    const limit = allowedEdits(Math.max(word.length, typo.length));
    const distance = editDistance(typo, word, limit);
    const sameStart = typo[0] === word[0];
    if (distance > limit || (distance === 2 && !sameStart)) return null;
    // A short word that differs in its first letter is another word more often than a slip.
    if (!sameStart && typo.length < 6) return sameLetters(typo, word) ? 1.5 : null;
    if (word.length === 3 && !sameLetters(new Set(typo), new Set(word))) return null;
    return distance + (sameStart ? 0 : 0.5) - (sameLetters(typo, word) ? 0.25 : 0) + this.#rank.get(word)! / 1e5;
  }
}

function sameLetters(a: Iterable<string>, b: Iterable<string>): boolean {
  return [...a].sort().join('') === [...b].sort().join('');
}
