import { ChosenSource } from './chosen-source.js';
import type { Area, EditSource, EditTask } from './edits.js';
import { PictureInput } from './picture-input.js';

export interface EditSlotProps {
  readonly source: EditSource | null;
  /** Empty where the weights cannot change pictures; null while that is unknown. */
  readonly tasks: readonly EditTask[] | null;
  readonly task: EditTask | null;
  readonly more: readonly EditSource[];
  readonly area: Area | null;
  readonly fromPicture: boolean;
  readonly onTask: (task: string) => void;
  readonly onSource: (source: EditSource | null) => void;
  readonly onMore: (more: readonly EditSource[]) => void;
  readonly onArea: (area: Area | null) => void;
  readonly onFromPicture: (fromPicture: boolean) => void;
}

/** Where a picture to change is dropped or chosen, or why there is no such thing with these weights. */
export function EditSlot(props: EditSlotProps) {
  const { source, tasks, onSource } = props;
  if (tasks === null) return null;
  if (tasks.length === 0) {
    return (
      <p className="edit-slot edit-slot-off">
        These weights draw from words; they have not learned to change a picture.
      </p>
    );
  }
  if (source) return <ChosenSource {...props} source={source} />;
  return (
    <div className="edit-slot">
      <PictureInput onPicture={onSource}>
        <strong>Change a picture instead:</strong> drop one here, or choose a file
      </PictureInput>
    </div>
  );
}
