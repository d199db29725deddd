/**
 * One range of RFC 9110, section 14: `bytes=0-99`, `bytes=100-` or `bytes=-50`. Null means the whole object: no header,
 * another unit, or several ranges, which a server may ignore.
 */
export function parseRange(
  header: string | undefined,
  bytes: number,
): { start: number; endExclusive: number } | null | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  if (match[1] === '') {
    const length = Math.min(Number(match[2]), bytes);
    return length === 0 ? 'unsatisfiable' : { start: bytes - length, endExclusive: bytes };
  }
  const start = Number(match[1]);
  const last = match[2] === '' ? bytes - 1 : Math.min(Number(match[2]), bytes - 1);
  return start >= bytes || last < start ? 'unsatisfiable' : { start, endExclusive: last + 1 };
}
