import { type ColumnType, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import type { TextValue } from './database-protocol.js';

/** How a PostgreSQL type is told to Prisma, and how its text becomes the value Prisma expects. */
interface TypeMapping {
  readonly columnType: ColumnType;
  readonly parse: (text: string) => unknown;
}

const asIs = (text: string): string => text;
const mapping = (columnType: ColumnType, parse: (text: string) => unknown = asIs): TypeMapping => ({
  columnType,
  parse,
});
const list = (columnType: ColumnType, parseItem: (text: string) => unknown = asIs): TypeMapping => ({
  columnType,
  parse: (text) => parseArray(text).map((item) => (item === null ? null : parseItem(item))),
});

const isTrue = (text: string): boolean => text === 't';
const isoUtc = (text: string): string => `${text.replace(' ', 'T').replace(/[+-]\d{2}(:\d{2})?$/, '')}+00:00`;
const hexBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.slice(2), 'hex'));

const TEXT = mapping(ColumnTypeEnum.Text);

/** By OID (PostgreSQL's pg_type.dat). Types that are not listed read as text. */
const TYPES: ReadonlyMap<number, TypeMapping> = new Map([
  [16, mapping(ColumnTypeEnum.Boolean, isTrue)],
  [17, mapping(ColumnTypeEnum.Bytes, hexBytes)],
  [18, mapping(ColumnTypeEnum.Character)],
  [20, mapping(ColumnTypeEnum.Int64)],
  [21, mapping(ColumnTypeEnum.Int32, Number)],
  [23, mapping(ColumnTypeEnum.Int32, Number)],
  [26, mapping(ColumnTypeEnum.Int64)],
  [114, mapping(ColumnTypeEnum.Json)],
  [700, mapping(ColumnTypeEnum.Float, Number)],
  [701, mapping(ColumnTypeEnum.Double, Number)],
  [1082, mapping(ColumnTypeEnum.Date)],
  [1083, mapping(ColumnTypeEnum.Time)],
  [1114, mapping(ColumnTypeEnum.DateTime, isoUtc)],
  [1184, mapping(ColumnTypeEnum.DateTime, isoUtc)],
  [1700, mapping(ColumnTypeEnum.Numeric)],
  [2950, mapping(ColumnTypeEnum.Uuid)],
  [3802, mapping(ColumnTypeEnum.Json)],
  [1000, list(ColumnTypeEnum.BooleanArray, isTrue)],
  [1002, list(ColumnTypeEnum.CharacterArray)],
  [1003, list(ColumnTypeEnum.TextArray)],
  [1005, list(ColumnTypeEnum.Int32Array, Number)],
  [1007, list(ColumnTypeEnum.Int32Array, Number)],
  [1009, list(ColumnTypeEnum.TextArray)],
  [1015, list(ColumnTypeEnum.TextArray)],
  [1016, list(ColumnTypeEnum.Int64Array)],
  [1022, list(ColumnTypeEnum.DoubleArray, Number)],
  [1028, list(ColumnTypeEnum.Int64Array)],
]);

export const typeMapping = (typeId: number): TypeMapping => TYPES.get(typeId) ?? TEXT;

/** PostgreSQL's array output, one dimension: `{a,"b c",NULL}`. */
export const parseArray = (text: string): TextValue[] => {
  const items: TextValue[] = [];
  const itemPattern = /"((?:[^"\\]|\\.)*)"|([^,{}]+)/g;
  for (const [, quoted, bare] of text.matchAll(itemPattern)) {
    if (quoted !== undefined) items.push(quoted.replace(/\\(.)/g, '$1'));
    else items.push(bare === 'NULL' ? null : (bare ?? null));
  }
  return items;
};

/** A parameter as PostgreSQL text; the statement's casts and columns give it its type. */
export const parameterText = (value: unknown, scalarType: string): TextValue => {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) {
    const items = value.map((item) => {
      const itemText = parameterText(item, scalarType);
      return itemText === null ? 'NULL' : `"${itemText.replace(/(["\\])/g, '\\$1')}"`;
    });
    return `{${items.join(',')}}`;
  }
  if (value instanceof Date) return value.toISOString();
  if (scalarType === 'bytes' && typeof value === 'string') return `\\x${Buffer.from(value, 'base64').toString('hex')}`;
  if (ArrayBuffer.isView(value)) {
    return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
