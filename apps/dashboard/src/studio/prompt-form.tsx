import type { JobBody, ModelInfo } from '@atelier/client-sdk';
import { useState } from 'react';
import { examplePrompts } from './examples.js';

/** The form as it stands; empty texts leave the choice to the server. */
export interface PromptDraft {
  readonly prompt: string;
  readonly size: string;
  readonly seed: string;
  readonly n: number;
  readonly bestOf: number;
  readonly steps: string;
}

export const EMPTY_DRAFT: PromptDraft = { prompt: '', size: 'auto', seed: '', n: 1, bestOf: 1, steps: '' };

const SEED_MAX = 2 ** 32 - 1;

export function bodyOf(draft: PromptDraft): JobBody {
  return {
    prompt: draft.prompt.trim(),
    n: draft.n,
    best_of: draft.bestOf,
    size: draft.size,
    ...(draft.seed === '' ? {} : { seed: Number(draft.seed) }),
    ...(draft.steps === '' ? {} : { steps: Number(draft.steps) }),
  };
}

interface PromptFormProps {
  readonly draft: PromptDraft;
  readonly onDraft: (draft: PromptDraft) => void;
  readonly model: ModelInfo | null;
  readonly onDraw: (body: JobBody) => Promise<boolean>;
}

export function PromptForm({ draft, onDraft, model, onDraw }: PromptFormProps) {
  const [sending, setSending] = useState(false);
  const change = (part: Partial<PromptDraft>) => onDraft({ ...draft, ...part });
  const empty = draft.prompt.trim() === '';
  const submit = async () => {
    if (empty || sending) return;
    setSending(true);
    await onDraw(bodyOf(draft));
    setSending(false);
  };
  return (
    <form
      className="prompt-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label htmlFor="prompt">What should be drawn?</label>
      <textarea
        id="prompt"
        rows={3}
        value={draft.prompt}
        placeholder="a red apple on a table"
        aria-describedby="prompt-hint"
        onChange={(event) => change({ prompt: event.target.value })}
        onKeyDown={(event) => {
          // While an input method composes, Enter chooses a character.
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
      <p className="hint" id="prompt-hint">
        English or 中文. Enter draws, Shift + Enter starts a new line.
      </p>
      <Examples model={model} onChoose={(prompt) => change({ prompt })} />
      <Settings draft={draft} change={change} model={model} />
      <button type="submit" className="primary" disabled={empty || sending}>
        {sending ? 'Sending …' : 'Draw'}
      </button>
    </form>
  );
}

function Examples({ model, onChoose }: { model: ModelInfo | null; onChoose: (prompt: string) => void }) {
  const prompts = examplePrompts(model?.vocabulary ?? null);
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

interface SettingsProps {
  readonly draft: PromptDraft;
  readonly change: (part: Partial<PromptDraft>) => void;
  readonly model: ModelInfo | null;
}

function Settings({ draft, change, model }: SettingsProps) {
  return (
    <fieldset className="settings">
      <legend className="for-screen-readers">Settings</legend>
      <Choice label="Pictures" value={draft.n} max={10} onChange={(n) => change({ n })} />
      <Choice
        label="Best of"
        title="Draws this many candidates for each picture and keeps the one that shows most of what was asked"
        value={draft.bestOf}
        max={4}
        onChange={(bestOf) => change({ bestOf })}
      />
      <label>
        Size
        <select value={draft.size} onChange={(event) => change({ size: event.target.value })}>
          <option value="auto">auto{model ? ` (${model.default_size})` : ''}</option>
          {model?.sizes.map((size) => (
            <option key={size}>{size}</option>
          ))}
        </select>
      </label>
      <label>
        Steps
        <input
          type="number"
          inputMode="numeric"
          min={model?.steps.min ?? 1}
          max={model?.steps.max ?? 64}
          placeholder={model ? String(model.steps.default) : 'auto'}
          value={draft.steps}
          onChange={(event) => change({ steps: event.target.value })}
        />
      </label>
      <label className="seed-setting">
        Seed
        <input
          type="number"
          inputMode="numeric"
          min={0}
          max={SEED_MAX}
          placeholder="random"
          value={draft.seed}
          onChange={(event) => change({ seed: event.target.value })}
        />
      </label>
    </fieldset>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly title?: string;
  readonly value: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}

/** 1 to `max`. */
function Choice({ label, title, value, max, onChange }: ChoiceProps) {
  return (
    <label title={title}>
      {label}
      <select value={value} onChange={(event) => onChange(Number(event.target.value))}>
        {Array.from({ length: max }, (_, index) => index + 1).map((count) => (
          <option key={count}>{count}</option>
        ))}
      </select>
    </label>
  );
}
