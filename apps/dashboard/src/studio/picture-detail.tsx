import type { AtelierClient, Job, JobCandidate } from '@atelier/client-sdk';
import { useEffect, useRef } from 'react';
import { operationsHref } from '../route.js';
import { milliseconds, percent, sentence } from '../wording.js';
import { AnswerList } from './answer-list.js';
import { ExpansionChanges } from './expansion-changes.js';
import { fileName, originalOf, type Picture } from './pictures.js';

interface PictureDetailProps {
  readonly client: AtelierClient;
  readonly picture: Picture;
  readonly onClose: () => void;
  readonly onRedraw: () => void;
  readonly onTakePrompt: () => void;
  /** Null where the weights cannot change a picture. */
  readonly onEdit: (() => void) | null;
}

/** Everything about one picture, in a modal dialog; Escape closes it. */
export function PictureDetail({ client, picture, onClose, onRedraw, onTakePrompt, onEdit }: PictureDetailProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const { job, sample, candidate, output } = picture;
  const url = client.imageUrl(output.url);
  const original = originalOf(job);
  const others = sample.candidates.filter((other) => other.index !== candidate.index && other.outputs.length > 0);
  return (
    <dialog ref={dialog} className="detail" aria-label={`Picture: ${job.prompt}`} onCancel={onClose}>
      <div className="detail-picture">
        <Versions url={url} picture={picture} original={original === null ? null : client.imageUrl(original)} />
        <p className="card-facts">
          <span>
            {output.width} × {output.height} px, {job.request.output_format.toUpperCase()}
          </span>
          <a href={url} download={fileName(picture)}>
            Download
          </a>
        </p>
        {others.length > 0 && <OtherCandidates client={client} candidates={others} />}
      </div>
      <div className="detail-text">
        <header className="detail-header">
          <h2 className="prompt-text">{job.prompt}</h2>
          <button type="button" className="quiet close" onClick={onClose}>
            Close
          </button>
        </header>
        <div className="button-row">
          <button type="button" className="primary" onClick={onRedraw}>
            Draw again with this seed
          </button>
          {onEdit !== null && (
            <button type="button" onClick={onEdit}>
              Edit this one
            </button>
          )}
          <button type="button" onClick={onTakePrompt}>
            Use the prompt
          </button>
        </div>
        {onEdit === null && <p className="hint">These weights have not learned to change a picture.</p>}
        <Warnings job={job} />
        <dl className="facts">
          <Fact name="Seed">{candidate.seed}</Fact>
          <Fact name="Steps">{job.request.steps}</Fact>
          <Fact name="Guidance">{job.request.guidance}</Fact>
          <Fact name="Model">{job.model}</Fact>
          <Fact name="Score">{candidate.score === null ? 'not checked' : percent(candidate.score)}</Fact>
          <Fact name="Total">{milliseconds(job.timings.total_ms)}</Fact>
        </dl>
        <AnswerList candidate={candidate} />
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

/** The picture; an edit's result beside what it was before. */
function Versions({ url, picture, original }: { url: string; picture: Picture; original: string | null }) {
  const { job, output } = picture;
  const image = <img src={url} alt={job.prompt} width={output.width} height={output.height} />;
  if (original === null) return image;
  return (
    <div className="versions">
      <figure>
        <img src={original} alt="The original" />
        <figcaption>Before</figcaption>
      </figure>
      <figure>
        {image}
        <figcaption>After</figcaption>
      </figure>
    </div>
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
