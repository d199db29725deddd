import type { AtelierClient, Job, JobCandidate } from '@atelier/client-sdk';
import { useEffect, useRef } from 'react';
import { operationsHref } from '../route.js';
import { milliseconds, percent, sentence } from '../wording.js';
import { ExpansionChanges } from './expansion-changes.js';
import { fileName, type Picture } from './pictures.js';

interface PictureDetailProps {
  readonly client: AtelierClient;
  readonly picture: Picture;
  readonly onClose: () => void;
  readonly onRedraw: () => void;
  readonly onTakePrompt: () => void;
}

/** Everything about one picture, in a modal dialog; Escape closes it. */
export function PictureDetail({ client, picture, onClose, onRedraw, onTakePrompt }: PictureDetailProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const { job, sample, candidate, output } = picture;
  const url = client.imageUrl(output.url);
  const others = sample.candidates.filter((other) => other.index !== candidate.index && other.outputs.length > 0);
  return (
    <dialog ref={dialog} className="detail" aria-label={`Picture: ${job.prompt}`} onCancel={onClose}>
      <div className="detail-picture">
        <img src={url} alt={job.prompt} width={output.width} height={output.height} />
        {others.length > 0 && <OtherCandidates client={client} candidates={others} />}
      </div>
      <div className="detail-text">
        <h2 className="prompt-text">{job.prompt}</h2>
        <div className="button-row">
          <button type="button" className="primary" onClick={onRedraw}>
            Draw again with this seed
          </button>
          <a className="button" href={url} download={fileName(picture)}>
            Download
          </a>
          <button type="button" onClick={onTakePrompt}>
            Change the prompt
          </button>
          <button type="button" className="quiet" onClick={onClose}>
            Close
          </button>
        </div>
        <Warnings job={job} />
        <dl className="facts">
          <Fact name="Seed">{candidate.seed}</Fact>
          <Fact name="Size">
            {output.width} × {output.height} px
          </Fact>
          <Fact name="Steps">{job.request.steps}</Fact>
          <Fact name="Model">{job.model}</Fact>
          <Fact name="Score">{candidate.score === null ? 'not asked' : percent(candidate.score)}</Fact>
          <Fact name="Total">{milliseconds(job.timings.total_ms)}</Fact>
        </dl>
        <Answers candidate={candidate} />
        <ExpansionChanges expansion={job.expansion} />
        <StageTimes job={job} />
        <p className="hint">
          Job <a href={operationsHref(job.id)}>{job.id}</a>
        </p>
      </div>
    </dialog>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Warnings({ job }: { job: Job }) {
  if (job.warnings.length === 0) return null;
  return (
    <ul className="notice notice-warning" aria-label="Warnings">
      {job.warnings.map(({ code, message, param }) => (
        <li key={`${code} ${param} ${message}`}>{sentence(message)}</li>
      ))}
    </ul>
  );
}

/** What the checker was asked about the picture, and what it saw. */
function Answers({ candidate }: { candidate: JobCandidate }) {
  if (candidate.answers.length === 0) return null;
  return (
    <section>
      <h3>What the checker saw</h3>
      <ul className="answers">
        {candidate.answers.map((answer) => (
          <li key={`${answer.outputIndex} ${answer.kind} ${answer.question}`}>
            <span className={answer.holds ? 'holds' : 'fails'}>{answer.holds ? 'yes' : 'no'}</span>
            {answer.question}
            <span className="hint">{percent(answer.confidence)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function StageTimes({ job }: { job: Job }) {
  const stages = Object.entries(job.timings.stages);
  if (stages.length === 0) return null;
  return (
    <section>
      <h3>Time of the whole job</h3>
      <table className="stage-times">
        <tbody>
          {stages.map(([stage, ms]) => (
            <tr key={stage} data-stage={stage}>
              <th scope="row">{stage}</th>
              <td>{milliseconds(ms)}</td>
              <td className="stage-time-bar">
                <span aria-hidden="true" style={{ width: `${(100 * ms) / Math.max(job.timings.compute_ms, ms)}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function OtherCandidates({ client, candidates }: { client: AtelierClient; candidates: readonly JobCandidate[] }) {
  return (
    <figure className="other-candidates">
      <figcaption>Candidates that were not kept</figcaption>
      {candidates.map(({ index, seed, score, outputs }) => (
        <img
          key={index}
          src={client.imageUrl(outputs[0]?.url ?? '')}
          alt={`Candidate with seed ${seed}`}
          title={`seed ${seed}${score === null ? '' : `, score ${percent(score)}`}`}
        />
      ))}
    </figure>
  );
}
