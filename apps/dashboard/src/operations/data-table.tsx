import { type ReactNode, useState } from 'react';
import { EmptyState } from '../notice.js';
import { Pager } from './pager.js';

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => ReactNode;
  /** Figures stand below each other. */
  readonly numeric?: boolean;
  /** Sentences: on narrow screens below their head instead of beside it. */
  readonly long?: boolean;
  /** A column of buttons: its head is for screen readers only. */
  readonly actions?: boolean;
}

interface DataPanelProps<Row> {
  readonly title: string;
  readonly empty: string;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly columns: readonly Column<Row>[];
}

const ROWS_PER_PAGE = 10;

/** A titled table in pages. On narrow screens each row becomes a small block whose values carry their heads. */
export function DataPanel<Row>({ title, empty, rows, keyOf, columns }: DataPanelProps<Row>) {
  const [wantedPage, setPage] = useState(0);
  // The list may have become shorter since.
  const page = Math.min(wantedPage, Math.max(0, Math.ceil(rows.length / ROWS_PER_PAGE) - 1));
  const shown = rows.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE);
  return (
    <section className="panel" aria-label={title}>
      <header className="panel-header">
        <h2>{title}</h2>
        {rows.length > 0 && <span className="count">{rows.length}</span>}
      </header>
      {rows.length === 0 ? (
        <EmptyState>{empty}</EmptyState>
      ) : (
        <DataTable rows={shown} keyOf={keyOf} columns={columns} />
      )}
      <Pager
        label={title}
        page={page}
        pageSize={ROWS_PER_PAGE}
        shown={shown.length}
        total={rows.length}
        hasNext={(page + 1) * ROWS_PER_PAGE < rows.length}
        onPage={setPage}
      />
    </section>
  );
}

type DataTableProps<Row> = Pick<DataPanelProps<Row>, 'rows' | 'keyOf' | 'columns'> & {
  readonly currentKey?: string | null;
};

export function DataTable<Row>({ rows, keyOf, columns, currentKey = null }: DataTableProps<Row>) {
  return (
    <table className="data-table">
      <thead>
        <tr>
          {columns.map(({ head, numeric, actions }) => (
            <th key={head} scope="col" className={numeric ? 'number' : undefined}>
              {actions ? <span className="for-screen-readers">{head}</span> : head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} data-current={keyOf(row) === currentKey ? '' : undefined}>
            {columns.map(({ head, cell, numeric, long, actions }) => (
              <td
                key={head}
                data-head={actions ? undefined : head}
                className={numeric ? 'number' : long ? 'long' : undefined}
              >
                <div className="cell">{cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
