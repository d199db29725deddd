import type { BenchmarkResult, MetricValue } from './result-file.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * The metrics of one result as Markdown: plain values in one table, every list in a table of its own with a row per
 * entry, and what entries break down further (time by process) in one more table, by the entries' first column.
 */
export function metricTables(metrics: BenchmarkResult['metrics']): string {
  const entries = Object.entries(metrics);
  const plain = entries.filter(([, value]) => !isNested(value));
  const nested = entries.filter(([, value]) => isNested(value));
  return [
    ...(plain.length === 0 ? [] : [table(['metric', 'value'], plain)]),
    ...nested.flatMap(([name, value]) => nestedTables(name, value as object)),
  ].join('\n\n');
}

function nestedTables(name: string, value: object): string[] {
  if (!Array.isArray(value)) return [titled(name, table(['', 'value'], Object.entries(value)))];
  const rows = value as readonly Row[];
  const columns = keysOf(rows);
  const isBrokenDown = (column: string) => rows.some((row) => isRecord(row[column]));
  const flat = columns.filter((column) => !isBrokenDown(column));
  const first = flat[0] ?? '';
  return [
    titled(name, table(flat, valuesOf(rows, flat))),
    ...columns.filter(isBrokenDown).map((column) => {
      const parts = rows.map((row) => ({ [first]: row[first], ...(row[column] as Row | undefined) }));
      const names = keysOf(parts);
      return titled(column, table(names, valuesOf(parts, names)));
    }),
  ];
}

const isRecord = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

const isNested = (value: MetricValue): boolean =>
  isRecord(value) || (Array.isArray(value) && value.length > 0 && value.every(isRecord));

/** Of all rows, in the order in which they first appear. */
const keysOf = (rows: readonly Row[]): string[] => [...new Set(rows.flatMap((row) => Object.keys(row)))];

const valuesOf = (rows: readonly Row[], columns: readonly string[]): unknown[][] =>
  rows.map((row) => columns.map((column) => row[column]));

const titled = (name: string, text: string): string => `### ${name}\n\n${text}`;

const table = (columns: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cellOf).join(' | ')} |`).join('\n');

const cellOf = (value: unknown): string =>
  value === undefined || value === null ? '' : Array.isArray(value) ? value.join(', ') : String(value);
