import { AreaPicker } from './area-picker.js';
import type { EditSlotProps } from './edit-slot.js';
import type { EditSource } from './edits.js';
import { useObjectUrl } from './object-url.js';
import { PictureInput } from './picture-input.js';

/** The picture to be changed, the kind of change, and what that kind wants besides. */
export function ChosenSource(props: EditSlotProps & { readonly source: EditSource }) {
  const { source, tasks, task, area, onTask, onSource, onArea } = props;
  const url = useObjectUrl(source.image);
  const hasArea = task !== null && task.area !== 'none';
  return (
    <div className="edit-slot edit-slot-open">
      <div className="edit-slot-chosen">
        {url !== null && !hasArea && <img src={url} alt="To be changed" />}
        <div>
          <p className="edit-name" title={source.name}>
            {source.name}
          </p>
          {(tasks ?? []).length > 1 ? (
            <select aria-label="Kind of change" value={task?.name} onChange={(event) => onTask(event.target.value)}>
              {tasks?.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          ) : (
            <p className="hint">These weights can: {task?.name}</p>
          )}
        </div>
        <button type="button" className="small" onClick={() => onSource(null)}>
          Remove<span className="for-screen-readers"> the picture to be changed</span>
        </button>
      </div>
      {url !== null && hasArea && (
        <>
          <AreaPicker url={url} area={area} onArea={onArea} />
          <p className="hint">
            {task.area === 'needed'
              ? 'Drag over the part that is to be drawn anew; the rest stays exactly.'
              : 'If you like, drag over the place of the thing.'}
            {area !== null && (
              <button type="button" className="small" onClick={() => onArea(null)}>
                Clear
              </button>
            )}
          </p>
        </>
      )}
      <OutlineChoice {...props} />
      <MorePictures {...props} />
    </div>
  );
}

function OutlineChoice({ task, fromPicture, onFromPicture }: EditSlotProps) {
  if (!task?.makesOutlines) return null;
  return (
    <label className="edit-choice">
      <input type="checkbox" checked={fromPicture} onChange={(event) => onFromPicture(event.target.checked)} />
      This is an ordinary picture: find its outlines
    </label>
  );
}

/** Slots for the pictures behind the first one, as many as the task reads. */
function MorePictures({ task, more, onMore }: EditSlotProps) {
  if (!task || task.maxPictures < 2) return null;
  const given = more.length + 1;
  const isOptional = given >= task.minPictures;
  return (
    <div className="edit-more">
      {more.map((source, index) => (
        <ExtraPicture
          // biome-ignore lint/suspicious/noArrayIndexKey: the same picture may be given twice
          key={index}
          source={source}
          onRemove={() => onMore(more.filter((_, other) => other !== index))}
        />
      ))}
      <PictureInput onPicture={(picture) => onMore([...more, picture])}>
        {given < task.maxPictures && (
          <>
            <strong>Picture {given + 1}</strong> ({task.roles.at(-1)}
            {isOptional ? ', optional' : ''}): choose a file
          </>
        )}
      </PictureInput>
    </div>
  );
}

function ExtraPicture({ source, onRemove }: { source: EditSource; onRemove: () => void }) {
  const url = useObjectUrl(source.image);
  return (
    <div className="edit-slot-chosen">
      {url !== null && <img src={url} alt={`Also read: ${source.name}`} />}
      <p className="edit-name" title={source.name}>
        {source.name}
      </p>
      <button type="button" className="small" onClick={onRemove}>
        Remove<span className="for-screen-readers"> {source.name}</span>
      </button>
    </div>
  );
}
