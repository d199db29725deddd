import { useEffect, useState } from 'react';
import { EDIT_TYPES, type EditSource, refusalOf } from './edits.js';

interface EditSlotProps {
  readonly source: EditSource | null;
  /** Empty where the weights cannot change pictures; null while that is unknown. */
  readonly tasks: readonly string[] | null;
  readonly task: string;
  readonly onTask: (task: string) => void;
  readonly onSource: (source: EditSource | null) => void;
}

/** Where a picture to change is dropped or chosen, or why there is no such thing with these weights. */
export function EditSlot({ source, tasks, task, onTask, onSource }: EditSlotProps) {
  const [refusal, setRefusal] = useState<string | null>(null);
  if (tasks === null) return null;
  if (tasks.length === 0) {
    return (
      <p className="edit-slot edit-slot-off">
        These weights draw from words; they have not learned to change a picture.
      </p>
    );
  }
  if (source) return <ChosenSource source={source} tasks={tasks} task={task} onTask={onTask} onSource={onSource} />;
  return (
    <div className="edit-slot">
      <label>
        <span>
          <strong>Change a picture instead:</strong> drop one here, or choose a file
        </span>
        <input
          type="file"
          className="for-screen-readers"
          accept={EDIT_TYPES.join(',')}
          onChange={(event) => {
            const [file] = event.target.files ?? [];
            if (!file) return;
            const why = refusalOf(file);
            setRefusal(why);
            if (why === null) onSource({ image: file, name: file.name });
          }}
        />
      </label>
      {refusal !== null && (
        <p className="edit-refusal" role="alert">
          {refusal}
        </p>
      )}
    </div>
  );
}

function ChosenSource({ source, tasks, task, onTask, onSource }: EditSlotProps & { source: EditSource }) {
  const url = useObjectUrl(source.image);
  return (
    <div className="edit-slot edit-slot-chosen">
      {url !== null && <img src={url} alt="To be changed" />}
      <div>
        <p className="edit-name" title={source.name}>
          {source.name}
        </p>
        {(tasks ?? []).length > 1 ? (
          <select aria-label="Kind of change" value={task} onChange={(event) => onTask(event.target.value)}>
            {tasks?.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        ) : (
          <p className="hint">These weights can: {task}</p>
        )}
      </div>
      <button type="button" className="small" onClick={() => onSource(null)}>
        Remove<span className="for-screen-readers"> the picture to be changed</span>
      </button>
    </div>
  );
}

/** An address for bytes in memory, given back when they change. */
function useObjectUrl(blob: Blob): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}
