import type { ModelInfo } from '@atelier/client-sdk';

type Vocabulary = ModelInfo['vocabulary'];

/** Prompts to start from, each with the words that the weights must know; `a|b` stands for either. */
const EXAMPLES: readonly { readonly text: string; readonly needs: readonly string[] }[] = [
  { text: 'a red apple to the left of a dog', needs: ['apple', 'dog', 'red'] },
  { text: 'a red apple on a table', needs: ['apple', 'red', 'table'] },
  { text: 'two balloons above a house', needs: ['balloon', 'house'] },
  { text: 'a yellow car in the desert at night', needs: ['car|automobile', 'yellow', 'desert', 'night'] },
  { text: 'a tree in a meadow, no dog', needs: ['tree', 'meadow'] },
  { text: '草地上的一只猫', needs: ['cat', 'meadow'] },
  { text: '一个红色的苹果', needs: ['apple', 'red'] },
  { text: 'a blue boat on the sea at dusk', needs: ['boat', 'blue', 'sea', 'dusk'] },
];

/** `deciduous-tree` as a reader writes it. */
export const wordsOf = (name: string): string => name.replaceAll('-', ' ');

const lastWordOf = (name: string): string => name.split(/[- ]/).at(-1) ?? name;

/** At most `limit` prompts that the weights can draw; none while the vocabulary is unknown. */
export function examplePrompts(vocabulary: Vocabulary | null, limit: number): string[] {
  if (vocabulary === null) return [];
  const { concepts, colours, places, times, styles } = vocabulary;
  // The last word of a name is what people say, too: of `deciduous-tree` "tree".
  const names = [concepts, colours, places, times, styles].flat();
  const known = new Set(names.flatMap((name) => [name, lastWordOf(name)]));
  const isKnown = (word: string) => word.split('|').some((either) => known.has(either));
  const fitting = EXAMPLES.filter(({ needs }) => needs.every(isKnown)).map(({ text }) => text);
  const article = (word: string) => (/^[aeiou]/.test(word) ? 'an' : 'a');
  const plain = concepts.map((concept) => `${article(concept)} ${wordsOf(concept)}`);
  return [...fitting, ...plain].slice(0, limit);
}
