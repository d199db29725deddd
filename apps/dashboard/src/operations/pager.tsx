interface PagerProps {
  /** What is paged, for the name of the control. */
  readonly label: string;
  readonly page: number;
  readonly pageSize: number;
  readonly shown: number;
  /** Null while the end is not known. */
  readonly total: number | null;
  readonly hasNext: boolean;
  readonly onPage: (page: number) => void;
}

/** Steps through pages; nothing where one page holds all. */
export function Pager({ label, page, pageSize, shown, total, hasNext, onPage }: PagerProps) {
  if (page === 0 && !hasNext) return null;
  const first = page * pageSize + 1;
  return (
    <nav className="pager" aria-label={`Pages of ${label}`}>
      <button type="button" className="small" disabled={page === 0} onClick={() => onPage(page - 1)}>
        Previous
      </button>
      <span aria-live="polite">
        {first}–{first + shown - 1}
        {total !== null && ` of ${total}`}
      </span>
      <button type="button" className="small" disabled={!hasNext} onClick={() => onPage(page + 1)}>
        Next
      </button>
    </nav>
  );
}
