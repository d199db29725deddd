export interface ByteRange {
  readonly start: number;
  readonly endExclusive: number;
}

/** Refuses what no object, however long, can answer. */
export const checkRange = ({ start, endExclusive }: ByteRange): void => {
  if (!Number.isInteger(start) || !Number.isInteger(endExclusive) || start < 0 || endExclusive < start) {
    throw new RangeError(`the range from ${start} to ${endExclusive} does not exist`);
  }
};

/** HTTP counts the last byte in, so it has no word for an empty range. */
export const rangeHeader = ({ start, endExclusive }: ByteRange): string => `bytes=${start}-${endExclusive - 1}`;

/** A range that a server cannot satisfy, or cannot be asked for, is empty or starts behind the end. */
export const emptyRangeWithin = ({ start }: ByteRange, objectBytes: number): Uint8Array => {
  if (start > objectBytes) throw new RangeError(`the range starts at ${start}, behind the end at ${objectBytes}`);
  return new Uint8Array(0);
};
