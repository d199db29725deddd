import type { AtelierClient, Job } from '@atelier/client-sdk';
import { useState } from 'react';
import { operationsHref } from '../route.js';
import { percent } from '../wording.js';
import { type LiveProgress, NO_PROGRESS, progressText, shareDone } from './progress.js';

interface ActiveJobProps {
  readonly client: AtelierClient;
  readonly job: Job;
  readonly progress: LiveProgress | undefined;
  readonly onCancel: (id: string) => Promise<void>;
}

/** A job that waits or works: where it stands, its previews, and a way to stop it. */
export function ActiveJob({ client, job, progress = NO_PROGRESS, onCancel }: ActiveJobProps) {
  const [canceling, setCanceling] = useState(false);
  const share = shareDone(progress, job.request);
  const text = canceling ? 'Stopping' : progressText(job, progress);
  return (
    <article className="active-job" aria-label={`In progress: ${job.prompt}`}>
      <div className={previewsClass(job.request)}>
        {Array.from({ length: job.request.n }, (_, sample) => {
          const link = progress.previews[sample];
          // biome-ignore lint/suspicious/noArrayIndexKey: the index is the sample's name
          return <Preview key={sample} url={link === undefined ? null : client.imageUrl(link)} />;
        })}
      </div>
      <div className="active-job-text">
        <p className="prompt-text">{job.prompt}</p>
        <progress value={share} aria-label="Share done" />
        <p className="hint" role="status">
          {text}
          {share > 0 && ` · ${percent(share)}`}
        </p>
        <div className="button-row">
          <button
            type="button"
            disabled={canceling}
            onClick={() => {
              setCanceling(true);
              void onCancel(job.id).finally(() => setCanceling(false));
            }}
          >
            Cancel
          </button>
          <a href={operationsHref(job.id)}>Watch the stages</a>
        </div>
      </div>
    </article>
  );
}

/** A storyboard's preview is a strip of its pictures. */
function previewsClass({ n, outputs }: Job['request']): string {
  if (outputs > 1) return 'previews previews-strip';
  return n > 4 ? 'previews previews-many' : 'previews';
}

function Preview({ url }: { url: string | null }) {
  if (url === null) return <div className="preview preview-empty" aria-hidden="true" />;
  return <img className="preview" src={url} alt="Unfinished preview" />;
}
