import { errorSentence } from './wording.js';

/** A failure as a sentence; nothing while there is none. */
export function ErrorNotice({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  return (
    <p className="notice notice-error" role="alert">
      {errorSentence(error)}
    </p>
  );
}

export function EmptyState({ title, children }: { title?: string; children: React.ReactNode }) {
  return (
    <div className="empty-state">
      {title && <p className="empty-title">{title}</p>}
      <p>{children}</p>
    </div>
  );
}
