import { type ReactNode, useState } from 'react';
import { EDIT_TYPES, type EditSource, refusalOf } from './edits.js';

interface PictureInputProps {
  /** What the field says; `false` while no picture may be chosen. */
  readonly children: ReactNode;
  readonly onPicture: (picture: EditSource) => void;
}

/** Chooses a picture file, or says why that one cannot be read. */
export function PictureInput({ children, onPicture }: PictureInputProps) {
  const [refusal, setRefusal] = useState<string | null>(null);
  return (
    <>
      {children !== false && (
        <label>
          <span>{children}</span>
          <input
            type="file"
            className="for-screen-readers"
            accept={EDIT_TYPES.join(',')}
            onChange={(event) => {
              const [file] = event.target.files ?? [];
              if (!file) return;
              const why = refusalOf(file);
              setRefusal(why);
              if (why === null) onPicture({ image: file, name: file.name });
              // The same file may be chosen again after it was taken out.
              event.target.value = '';
            }}
          />
        </label>
      )}
      {refusal !== null && (
        <p className="edit-refusal" role="alert">
          {refusal}
        </p>
      )}
    </>
  );
}
