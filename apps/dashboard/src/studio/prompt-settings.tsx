import type { ModelInfo } from '@atelier/client-sdk';
import { type PromptDraft, SEED_MAX } from './prompt-draft.js';

interface SettingsProps {
  readonly draft: PromptDraft;
  readonly change: (part: Partial<PromptDraft>) => void;
  readonly model: ModelInfo | null;
}

/** How to draw. An edit takes size and steps from the picture and the weights. */
export function PromptSettings({ draft, change, model }: SettingsProps) {
  const edits = draft.source !== null;
  return (
    <fieldset className="settings">
      <legend className="for-screen-readers">Settings</legend>
      <Choice label="Pictures" value={draft.n} max={10} onChange={(n) => change({ n })} />
      {!edits && (
        <>
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
        </>
      )}
      <label className={edits ? '' : 'seed-setting'}>
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
