import type { AtelierClient, Job } from '@atelier/client-sdk';
import type { ReactNode } from 'react';
import { operationsHref } from '../route.js';
import { endSentence, sentence } from '../wording.js';
import { AnswerSummary } from './answer-list.js';
import { fileName, originalOf, type Picture, picturesOf, strips } from './pictures.js';

interface GalleryProps {
  readonly client: AtelierClient;
  readonly jobs: readonly Job[];
  readonly onOpen: (picture: Picture) => void;
}

/** Finished jobs, newest first: their pictures, or why there are none. */
export function Gallery({ client, jobs, onOpen }: GalleryProps) {
  if (jobs.length === 0) return null;
  return (
    <ul className="gallery" aria-label="Finished pictures">
      {jobs.flatMap((job) => {
        const pictures = picturesOf(job);
        if (pictures.length === 0) return [<EndedCard key={job.id} job={job} />];
        return job.request.outputs > 1
          ? strips(pictures).map((frames) => (
              <StripCard key={frames[0]?.key} client={client} frames={frames} onOpen={onOpen} />
            ))
          : pictures.map((picture) => (
              <PictureCard key={picture.key} client={client} picture={picture} onOpen={onOpen} />
            ));
      })}
    </ul>
  );
}

function PictureCard(props: { client: AtelierClient; picture: Picture; onOpen: (picture: Picture) => void }) {
  const { client, picture } = props;
  const { job, candidate, output } = picture;
  const url = client.imageUrl(output.url);
  const original = originalOf(job);
  return (
    <li className="card">
      <button type="button" className="card-picture" onClick={() => props.onOpen(picture)}>
        <img src={url} alt={job.prompt} width={output.width} height={output.height} loading="lazy" />
        {original !== null && (
          <img className="card-original" src={client.imageUrl(original)} alt="What it was before" loading="lazy" />
        )}
        <span className="for-screen-readers">Open the details</span>
      </button>
      <CardText job={job} candidate={candidate}>
        <a href={url} download={fileName(picture)}>
          Download
        </a>
      </CardText>
    </li>
  );
}

/** A storyboard: its pictures side by side, in their order. */
function StripCard(props: { client: AtelierClient; frames: readonly Picture[]; onOpen: (picture: Picture) => void }) {
  const { client, frames, onOpen } = props;
  const [first] = frames;
  if (!first) return null;
  const { job, candidate } = first;
  return (
    <li className="card card-strip">
      <div className="strip">
        {frames.map((picture) => (
          <button key={picture.key} type="button" className="card-picture" onClick={() => onOpen(picture)}>
            <img
              src={client.imageUrl(picture.output.url)}
              alt={job.expansions?.[picture.output.index]?.original ?? job.prompt}
              width={picture.output.width}
              height={picture.output.height}
              loading="lazy"
            />
            <span className="for-screen-readers">Open the details of picture {picture.output.index + 1}</span>
          </button>
        ))}
      </div>
      <CardText job={job} candidate={candidate}>
        <span>{frames.length} pictures</span>
      </CardText>
    </li>
  );
}

/** What stands below a drawing: what was asked, what was seen of it, the seed, and what the platform could not do. */
function CardText({ job, candidate, children }: { job: Job; candidate: Picture['candidate']; children: ReactNode }) {
  return (
    <>
      <p className="prompt-text" title={job.prompt}>
        {job.prompt}
      </p>
      <AnswerSummary candidate={candidate} />
      <p className="card-facts">
        <span>seed {candidate.seed}</span>
        {children}
      </p>
      {job.warnings.length > 0 && (
        <p className="card-warning" title={job.warnings.map(({ message }) => sentence(message)).join('\n')}>
          {sentence(job.warnings[0]?.message ?? '')}
          {job.warnings.length > 1 && ` And ${job.warnings.length - 1} more.`}
        </p>
      )}
    </>
  );
}

function EndedCard({ job }: { job: Job }) {
  return (
    <li className="card card-ended">
      <p className="prompt-text">{job.prompt}</p>
      <p>{endSentence(job)}</p>
      <p className="card-facts">
        <a href={operationsHref(job.id)}>See its stages</a>
      </p>
    </li>
  );
}
