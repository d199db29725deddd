import type { AtelierClient, JobBody, ModelInfo } from '@atelier/client-sdk';
import { useEffect, useRef, useState } from 'react';
import { EmptyState, ErrorNotice } from '../notice.js';
import { ActiveJob } from './active-job.js';
import { Gallery } from './gallery.js';
import { PictureDetail } from './picture-detail.js';
import { isFinished, type Picture, picturesOf, redrawBody } from './pictures.js';
import { EMPTY_DRAFT, type PromptDraft, PromptForm } from './prompt-form.js';
import { useJobs } from './use-jobs.js';
import { VocabularyPanel } from './vocabulary-panel.js';

/** Draws pictures and shows what was drawn. */
export function Studio({ client }: { client: AtelierClient }) {
  const { model, error: modelError } = useModel(client);
  const jobs = useJobs(client);
  const [draft, setDraft] = useState<PromptDraft>(EMPTY_DRAFT);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const top = useRef<HTMLDivElement>(null);

  const list = jobs.list ?? [];
  const pictures = list.flatMap(picturesOf);
  const opened = pictures.find((picture) => picture.key === openKey) ?? null;
  const active = list.filter((job) => !isFinished(job));

  const draw = (body: JobBody) => {
    setOpenKey(null);
    top.current?.scrollIntoView({ block: 'start' });
    return jobs.create(body);
  };
  const takePrompt = ({ job }: Picture) => {
    setDraft({ ...draft, prompt: job.prompt });
    setOpenKey(null);
    document.getElementById('prompt')?.focus();
  };

  return (
    <div className="studio" ref={top}>
      <h1 className="for-screen-readers">Studio</h1>
      <section className="studio-desk" aria-label="New picture">
        <PromptForm draft={draft} onDraft={setDraft} model={model} onDraw={draw} />
        <ErrorNotice error={jobs.error ?? modelError} />
        {model && <VocabularyPanel model={model} />}
      </section>
      <section className="studio-wall" aria-label="Pictures">
        {active.map((job) => (
          <ActiveJob key={job.id} client={client} job={job} progress={jobs.progress[job.id]} onCancel={jobs.cancel} />
        ))}
        {jobs.list === null && jobs.error === null && <EmptyState>Looking for earlier pictures …</EmptyState>}
        {jobs.list?.length === 0 && (
          <EmptyState>Nothing drawn yet. Describe a picture and press Enter, or start from an example.</EmptyState>
        )}
        <Gallery client={client} jobs={list.filter(isFinished)} onOpen={(picture) => setOpenKey(picture.key)} />
      </section>
      {opened && (
        <PictureDetail
          key={opened.key}
          client={client}
          picture={opened}
          onClose={() => setOpenKey(null)}
          onRedraw={() => void draw(redrawBody(opened))}
          onTakePrompt={() => takePrompt(opened)}
        />
      )}
    </div>
  );
}

function useModel(client: AtelierClient): { model: ModelInfo | null; error: unknown } {
  const [state, setState] = useState<{ model: ModelInfo | null; error: unknown }>({ model: null, error: null });
  useEffect(() => {
    const stop = new AbortController();
    client.listModels({ signal: stop.signal }).then(
      ([model]) => setState({ model: model ?? null, error: null }),
      (error: unknown) => {
        if (!stop.signal.aborted) setState({ model: null, error });
      },
    );
    return () => stop.abort();
  }, [client]);
  return state;
}
