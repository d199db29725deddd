import type { Meaning } from '../lexicon/meaning.js';

/** A word found in a run of Chinese; `meanings` is empty when no dictionary has it. */
export interface ChineseWord {
  readonly text: string;
  readonly start: number;
  readonly meanings: readonly Meaning[];
}

const UNKNOWN_COST = 10;
const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });

/** Kinds of which a single character is too weak a sign when it may belong to a longer, unknown word. */
const NAMING_KINDS = new Set([
  'concept',
  'stand-in',
  'place',
  'time',
  'style',
  'colour',
  'count',
  'negation',
  'relation',
  'simile',
]);

/**
 * Splits a run into dictionary words so that as few characters as possible stay unknown and, among those, as few words
 * as possible are used (shortest path). What is left unknown is cut by the platform's own word breaker, which also
 * guards one-character words: 象 is no elephant inside a longer word such as 对象.
 */
export function segmentChinese(
  run: string,
  dictionary: ReadonlyMap<string, Meaning[]>,
  longest: number,
): ChineseWord[] {
  const cost = new Float64Array(run.length + 1).fill(Number.POSITIVE_INFINITY);
  const length = new Int32Array(run.length + 1);
  cost[run.length] = 0;
  for (let at = run.length - 1; at >= 0; at--) {
    cost[at] = cost[at + 1]! + UNKNOWN_COST;
    length[at] = -1;
    for (let size = 1; size <= Math.min(longest, run.length - at); size++) {
      const total = cost[at + size]! + 1;
      // On equal cost the longer first word wins.
      if (total <= cost[at]! && dictionary.has(run.slice(at, at + size))) {
        cost[at] = total;
        length[at] = size;
      }
    }
  }
  const words: ChineseWord[] = [];
  let unknownFrom = -1;
  for (let at = 0; at <= run.length; ) {
    const size = at < run.length ? length[at]! : 0;
    if (size === -1) {
      if (unknownFrom < 0) unknownFrom = at;
      at++;
      continue;
    }
    if (unknownFrom >= 0) words.push({ text: run.slice(unknownFrom, at), start: unknownFrom, meanings: [] });
    unknownFrom = -1;
    if (at === run.length) break;
    const text = run.slice(at, at + size);
    words.push({ text, start: at, meanings: dictionary.get(text)! });
    at += size;
  }
  return words.some((word) => word.meanings.length === 0) ? refineUnknown(run, words) : words;
}

/** Gives single naming characters beside an unknown stretch back to the longer word they belong to. */
function refineUnknown(run: string, words: readonly ChineseWord[]): ChineseWord[] {
  const breaks = [...segmenter.segment(run)].map(({ segment, index }) => ({
    start: index,
    end: index + segment.length,
  }));
  const unknown = (word: ChineseWord | undefined): boolean => word !== undefined && word.meanings.length === 0;
  const swallowed = new Set<number>();
  const fixed: ChineseWord[] = [];
  words.forEach((word, i) => {
    const weak = word.text.length === 1 && NAMING_KINDS.has(word.meanings[0]?.kind ?? '');
    const within = breaks.find(({ start, end }) => start <= word.start && word.start < end)!;
    const longer = within.end - within.start > 1;
    const besideUnknown =
      (unknown(words[i - 1]) && within.start < word.start) || (unknown(words[i + 1]) && within.end > word.start + 1);
    if (weak && longer && besideUnknown) {
      for (let at = within.start; at < within.end; at++) swallowed.add(at);
    }
  });
  let open: { text: string; start: number } | null = null;
  const close = (): void => {
    if (open) fixed.push(...cutUnknown(open, breaks));
    open = null;
  };
  for (const word of words) {
    if (unknown(word) || (word.text.length === 1 && swallowed.has(word.start))) {
      open =
        open === null ? { text: word.text, start: word.start } : { text: open.text + word.text, start: open.start };
    } else {
      close();
      fixed.push(word);
    }
  }
  close();
  return fixed;
}

function cutUnknown(
  stretch: { text: string; start: number },
  breaks: readonly { start: number; end: number }[],
): ChineseWord[] {
  const end = stretch.start + stretch.text.length;
  return breaks
    .filter((piece) => piece.end > stretch.start && piece.start < end)
    .map((piece) => {
      const start = Math.max(piece.start, stretch.start);
      return {
        text: stretch.text.slice(start - stretch.start, Math.min(piece.end, end) - stretch.start),
        start,
        meanings: [],
      };
    });
}
