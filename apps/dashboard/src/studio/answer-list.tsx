import type { JobCandidate } from '@atelier/client-sdk';
import { percent } from '../wording.js';
import { claimOf, verdictOf } from './answers.js';

/** One quiet line under a picture: how much of what was asked the checker saw, and what it missed. */
export function AnswerSummary({ candidate }: { candidate: JobCandidate }) {
  const verdict = verdictOf(candidate);
  if (verdict === null) return null;
  const { seen, missing } = verdict;
  return (
    <p className="answer-summary">
      <span className={missing.length === 0 ? 'holds' : ''}>
        {seen.length} of {seen.length + missing.length} seen
      </span>
      {missing.length > 0 && <span>, missing: {missing.map(({ question }) => claimOf(question)).join('; ')}</span>}
    </p>
  );
}

/** Everything the checker was asked about a picture, checked or missing. */
export function AnswerList({ candidate }: { candidate: JobCandidate }) {
  const verdict = verdictOf(candidate);
  if (verdict === null) return null;
  return (
    <section>
      <h3>What the checker saw</h3>
      <ul className="answers">
        {[...verdict.missing, ...verdict.seen].map((answer) => (
          <li key={`${answer.outputIndex} ${answer.kind} ${answer.question}`} title={answer.question}>
            <span className={answer.holds ? 'answer-mark holds' : 'answer-mark fails'} aria-hidden="true">
              {answer.holds ? '✓' : '✕'}
            </span>
            <span>
              <span className="for-screen-readers">{answer.holds ? 'Seen: ' : 'Missing: '}</span>
              {claimOf(answer.question)}
            </span>
            <span className="hint">{percent(answer.confidence)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
