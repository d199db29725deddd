/**
 * Tensors between stages: the safetensors layout (an 8-byte little-endian header length, a JSON header, one
 * contiguous buffer without holes), restricted to little-endian float32. Nothing in it can be executed.
 */

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major; length is the product of `shape`. */
  readonly data: Float32Array;
}

export interface TensorFile {
  readonly tensors: readonly NamedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

export const SAFETENSORS_CONTENT_TYPE = 'application/x-safetensors';

/** Thrown when bytes are not a whole and consistent safetensors object of float32 tensors. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

const MAX_HEADER_BYTES = 1 << 20;
const FLOAT32_BYTES = 4;

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Equal input gives equal bytes: tensors stay in the order given, metadata is sorted by key. */
export function encodeSafetensors(file: TensorFile): Uint8Array {
  const header: Record<string, unknown> = {};
  const metadata = Object.entries(file.metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  if (metadata.length > 0) header.__metadata__ = Object.fromEntries(metadata);
  let offset = 0;
  for (const { name, shape, data } of file.tensors) {
    if (elementCount(shape) !== data.length) throw new SafetensorsError(`tensor ${name} does not fill its shape`);
    if (name === '__metadata__' || Object.hasOwn(header, name))
      throw new SafetensorsError(`tensor name ${name} is taken`);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + offset).fill(0x20, 8, 8 + headerBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, 8);
  let at = 8 + headerBytes;
  for (const { data } of file.tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** The tensors are copies: they stay valid when the bytes are reused. */
export function decodeSafetensors(bytes: Uint8Array): TensorFile {
  if (bytes.length < 8) throw new SafetensorsError('the header length is missing');
  const declared = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(Math.min(MAX_HEADER_BYTES, bytes.length - 8))) {
    throw new SafetensorsError('the header is longer than the object or its limit');
  }
  const bufferStart = 8 + Number(declared);
  const header = parseHeader(bytes.subarray(8, bufferStart));
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = Object.entries(entries).map(([name, entry]) => ({ name, ...checkEntry(name, entry) }));
  checkContiguous(tensors, bytes.length - bufferStart);
  return {
    metadata: checkMetadata(metadata),
    tensors: tensors.map(({ name, shape, start, end }) => ({
      name,
      shape,
      data: new Float32Array(bytes.slice(bufferStart + start, bufferStart + end).buffer),
    })),
  };
}

/** The tensor of that name. @throws SafetensorsError when there is none. */
export function tensorNamed(file: TensorFile, name: string): NamedTensor {
  const found = file.tensors.find((tensor) => tensor.name === name);
  if (!found) throw new SafetensorsError(`there is no tensor ${name}`);
  return found;
}

/** As `tensorNamed`, for bytes that may be damaged or of another kind: null where they do not hold the tensor whole. */
export function tensorIn(bytes: Uint8Array, name: string): NamedTensor | null {
  try {
    return tensorNamed(decodeSafetensors(bytes), name);
  } catch (error) {
    if (error instanceof SafetensorsError) return null;
    throw error;
  }
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new SafetensorsError('the header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new SafetensorsError('the header is not an object');
  }
  return header as Record<string, unknown>;
}

function checkEntry(name: string, entry: unknown): { shape: number[]; start: number; end: number } {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Partial<HeaderEntry>;
  if (dtype !== 'F32') throw new SafetensorsError(`tensor ${name} is not float32`);
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new SafetensorsError(`tensor ${name} has no valid shape or offsets`);
  }
  const [start, end] = offsets as [number, number];
  if (end - start !== elementCount(shape) * FLOAT32_BYTES) {
    throw new SafetensorsError(`tensor ${name} does not fill its shape`);
  }
  return { shape, start, end };
}

/** No holes, no overlaps, nothing behind the end: a torn or padded object is refused. */
function checkContiguous(tensors: readonly { start: number; end: number }[], bufferBytes: number): void {
  let expected = 0;
  for (const { start, end } of [...tensors].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== expected) throw new SafetensorsError('the tensors overlap or leave a hole');
    expected = end;
  }
  if (expected !== bufferBytes) throw new SafetensorsError('the object is cut off or too long');
}

function checkMetadata(metadata: unknown): Record<string, string> {
  if (typeof metadata !== 'object' || metadata === null) throw new SafetensorsError('the metadata is not an object');
  for (const value of Object.values(metadata)) {
    if (typeof value !== 'string') throw new SafetensorsError('the metadata holds something other than text');
  }
  return metadata as Record<string, string>;
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);

const elementCount = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
