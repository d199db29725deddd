import type { AtelierClient, ModelInfo } from '@atelier/client-sdk';
import { useEffect, useRef, useState } from 'react';
import { EmptyState, ErrorNotice } from '../notice.js';
import { ActiveJob } from './active-job.js';
import { editBodyOf, trainedEdits } from './edits.js';
import { Gallery } from './gallery.js';
import { PictureDetail } from './picture-detail.js';
import { isFinished, originalOf, type Picture, picturesOf, redoEditBody, redrawBody } from './pictures.js';
import { drawBodyOf, EMPTY_DRAFT, type PromptDraft } from './prompt-draft.js';
import { PromptForm } from './prompt-form.js';
import { useJobs } from './use-jobs.js';
import { VocabularyPanel } from './vocabulary-panel.js';

/** Draws and changes pictures, and shows what came of it. */
export function Studio({ client }: { client: AtelierClient }) {
  const { model, error: modelError } = useModel(client);
  const jobs = useJobs(client);
  const [draft, setDraft] = useState<PromptDraft>(EMPTY_DRAFT);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const [fetchError, setFetchError] = useState<unknown>(null);
  const top = useRef<HTMLDivElement>(null);
  // In an effect: an open dialog keeps the focus and gives it back to what opened it when it closes.
  const [focusAsked, setFocusAsked] = useState(0);
  useEffect(() => {
    if (focusAsked > 0) document.getElementById('prompt')?.focus();
  }, [focusAsked]);

  const list = jobs.list ?? [];
  const pictures = list.flatMap(picturesOf);
  const opened = pictures.find((picture) => picture.key === openKey) ?? null;
  const active = list.filter((job) => !isFinished(job));
  const canEdit = model !== null && trainedEdits(model).length > 0;

  const showTop = () => {
    setOpenKey(null);
    setFetchError(null);
    top.current?.scrollIntoView({ block: 'start' });
  };
  const toForm = (part: Partial<PromptDraft>) => {
    setDraft({ ...draft, ...part });
    showTop();
    setFocusAsked(focusAsked + 1);
  };
  const submit = async (wish: PromptDraft) => {
    showTop();
    await (wish.source ? jobs.edit(editBodyOf(wish, wish.source)) : jobs.create(drawBodyOf(wish)));
  };
  const fetchPicture = async (link: string): Promise<Blob> => {
    const bytes = await client.downloadImage(link);
    return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: typeOf(bytes) });
  };
  const redraw = async (picture: Picture) => {
    showTop();
    await jobs.create(originalOf(picture.job) === null ? redrawBody(picture) : redoEditBody(picture));
  };
  const editPicture = async ({ job, output }: Picture) => {
    toForm({ source: { image: await fetchPicture(output.url), name: job.prompt }, more: [], area: null, prompt: '' });
  };

  return (
    <div className="studio" ref={top}>
      <h1 className="for-screen-readers">Studio</h1>
      <section className="studio-desk" aria-label="New picture">
        <PromptForm draft={draft} onDraft={setDraft} model={model} onSubmit={submit} />
        <ErrorNotice error={jobs.error ?? fetchError ?? modelError} />
        {model && <VocabularyPanel model={model} />}
      </section>
      <section className="studio-wall" aria-label="Pictures">
        {active.map((job) => (
          <ActiveJob key={job.id} client={client} job={job} progress={jobs.progress[job.id]} onCancel={jobs.cancel} />
        ))}
        {jobs.list === null && jobs.error === null && <EmptyState>Looking for earlier pictures …</EmptyState>}
        {jobs.list?.length === 0 && (
          <EmptyState title="Nothing drawn yet">
            Describe a picture and press Enter, or start from an example.
          </EmptyState>
        )}
        <Gallery client={client} jobs={list.filter(isFinished)} onOpen={(picture) => setOpenKey(picture.key)} />
      </section>
      {opened && (
        <PictureDetail
          key={opened.key}
          client={client}
          picture={opened}
          onClose={() => setOpenKey(null)}
          onRedraw={() => void redraw(opened).catch(setFetchError)}
          onTakePrompt={() => toForm({ prompt: opened.job.prompt, source: null })}
          onEdit={canEdit ? () => void editPicture(opened).catch(setFetchError) : null}
        />
      )}
    </div>
  );
}

/** By the first bytes: the form field of an upload has to name its type. */
function typeOf([first, second]: Uint8Array): string {
  if (first === 0x89) return 'image/png';
  return first === 0xff && second === 0xd8 ? 'image/jpeg' : 'image/webp';
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
