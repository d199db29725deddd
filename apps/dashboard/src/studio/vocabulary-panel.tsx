import type { ModelInfo } from '@atelier/client-sdk';
import { wordsOf } from './examples.js';

const NAMES = [
  ['concepts', 'Things'],
  ['colours', 'Colours'],
  ['places', 'Places'],
  ['times', 'Times of day'],
  ['styles', 'Styles'],
] as const;

/** The words that the weights have learned. */
export function VocabularyPanel({ model }: { model: ModelInfo }) {
  return (
    <details className="vocabulary">
      <summary>What it can draw ({model.vocabulary.concepts.length} things)</summary>
      <p className="hint">
        The model {model.id} knows these words and their synonyms. For any other word it draws something near, or leaves
        it out, and says so.
      </p>
      {NAMES.filter(([list]) => model.vocabulary[list].length > 0).map(([list, name]) => (
        <section key={list}>
          <h3>{name}</h3>
          <p>{model.vocabulary[list].map(wordsOf).join(', ')}</p>
        </section>
      ))}
    </details>
  );
}
