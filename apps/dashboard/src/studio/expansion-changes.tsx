import type { Job } from '@atelier/client-sdk';
import { sentence } from '../wording.js';

/** What prompt expansion made of the prompt, change by change. */
export function ExpansionChanges({ expansion }: { expansion: Job['expansion'] }) {
  if (!expansion) return null;
  const changes = expansion.explanation.filter(({ kind }) => kind !== 'kept');
  return (
    <section>
      <h3>How the prompt was read</h3>
      <p className="expanded-prompt">{expansion.expanded}</p>
      {changes.length === 0 && <p className="hint">Nothing had to be changed.</p>}
      <ul className="changes">
        {changes.map(({ kind, from, to, message }) => (
          <li key={`${kind} ${from} ${to} ${message}`}>
            <span className="change-kind">{kind}</span>
            <span>
              {from !== '' && (
                <>
                  <del>{from}</del> <span className="for-screen-readers">became</span>
                  <span aria-hidden="true">→</span>{' '}
                </>
              )}
              <ins>{to === '' ? 'nothing' : to}</ins>
              <span className="hint"> {sentence(message)}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
