import type { ModelInfo } from '@atelier/client-sdk';
import { useRef, useState } from 'react';
import { EditSlot } from './edit-slot.js';
import { type EditSource, editExample, missingOf, pictureIn, refusalOf, trainedEdits } from './edits.js';
import { examplePrompts } from './examples.js';
import type { PromptDraft } from './prompt-draft.js';
import { PromptSettings } from './prompt-settings.js';

const EXAMPLES_SHOWN = 4;

interface PromptFormProps {
  readonly draft: PromptDraft;
  readonly onDraft: (draft: PromptDraft) => void;
  readonly model: ModelInfo | null;
  /** Resolves once the wish was accepted or refused. */
  readonly onSubmit: (draft: PromptDraft) => Promise<void>;
}

/** Asks for a new picture, or for a change of a given one. */
export function PromptForm({ draft, onDraft, model, onSubmit }: PromptFormProps) {
  const [sending, setSending] = useState(false);
  const [dragging, setDragging] = useState(false);
  const prompt = useRef<HTMLTextAreaElement>(null);
  const change = (part: Partial<PromptDraft>) => onDraft({ ...draft, ...part });
  const tasks = model ? trainedEdits(model) : null;
  const task = tasks?.find(({ name }) => name === draft.task) ?? tasks?.[0] ?? null;
  const canTell = model?.tasks.some(({ name, trained }) => name === 'storyboard' && trained) ?? false;
  const pictures = 1 + draft.more.length;
  const missing = draft.source !== null && task !== null ? missingOf(task, pictures, draft.area) : null;
  const edits = draft.source !== null;
  const submit = async () => {
    if (sending || missing !== null) return;
    if (draft.prompt.trim() === '') return prompt.current?.focus();
    setSending(true);
    // What another kind of change was given does not go along.
    const more = draft.more.slice(0, Math.max(0, (task?.maxPictures ?? 1) - 1));
    const area = task?.area === 'none' ? null : draft.area;
    await onSubmit({ ...draft, task: task?.name ?? '', more, area });
    setSending(false);
  };
  const takeFile = (files: Iterable<File>): boolean => {
    const file = pictureIn(files);
    if (file === null || !tasks?.length || refusalOf(file) !== null) return false;
    change({ source: { image: file, name: file.name }, more: [], area: null });
    return true;
  };
  return (
    <form
      className={dragging && tasks?.length ? 'prompt-form prompt-form-target' : 'prompt-form'}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={() => setDragging(false)}
      onDrop={(event) => {
        event.preventDefault();
        setDragging(false);
        takeFile(event.dataTransfer.files);
      }}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label htmlFor="prompt">{edits ? 'What should change?' : 'What should be drawn?'}</label>
      <textarea
        id="prompt"
        ref={prompt}
        rows={3}
        value={draft.prompt}
        placeholder={edits && model ? editExample(task?.name ?? '', model.vocabulary) : 'a red apple on a table'}
        aria-describedby="prompt-hint"
        onChange={(event) => change({ prompt: event.target.value })}
        onPaste={(event) => {
          if (takeFile(event.clipboardData.files)) event.preventDefault();
        }}
        onKeyDown={(event) => {
          // While an input method composes, Enter chooses a character.
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
      <p className="hint" id="prompt-hint">
        English or 中文. Enter {edits ? 'sends' : 'draws'}, Shift + Enter starts a new line.
      </p>
      <EditSlot
        source={draft.source}
        tasks={tasks}
        task={task}
        onTask={(name) => change({ task: name })}
        more={draft.more}
        area={draft.area}
        fromPicture={draft.fromPicture}
        onSource={(source: EditSource | null) => change({ source, prompt: '', more: [], area: null })}
        onMore={(more) => change({ more })}
        onArea={(area) => change({ area })}
        onFromPicture={(fromPicture) => change({ fromPicture })}
      />
      {missing !== null && <p className="hint">{missing}</p>}
      {!edits && canTell && (
        <label className="edit-choice">
          <input type="checkbox" checked={draft.story} onChange={(event) => change({ story: event.target.checked })} />
          Tell a story: what stands between semicolons becomes pictures that belong together
        </label>
      )}
      {!edits && <Examples model={model} onChoose={(text) => change({ prompt: text })} />}
      <PromptSettings draft={draft} change={change} model={model} />
      <button type="submit" className="primary" disabled={sending || missing !== null}>
        {sending ? 'Sending …' : edits ? 'Change the picture' : 'Draw'}
      </button>
    </form>
  );
}

function Examples({ model, onChoose }: { model: ModelInfo | null; onChoose: (prompt: string) => void }) {
  const prompts = examplePrompts(model?.vocabulary ?? null, EXAMPLES_SHOWN);
  if (prompts.length === 0) return null;
  return (
    <ul className="chips" aria-label="Examples">
      {prompts.map((prompt) => (
        <li key={prompt}>
          <button type="button" className="chip" onClick={() => onChoose(prompt)}>
            {prompt}
          </button>
        </li>
      ))}
    </ul>
  );
}
