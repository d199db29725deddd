import { crc32 } from 'node:zlib';

/**
 * Text chunks of a PNG (PNG Third Edition, section 11.3.2): `iTXt`, uncompressed, so that any language survives and
 * common viewers show it.
 */
const SIGNATURE_BYTES = 8;
const CHUNK_OVERHEAD_BYTES = 12;
const IHDR_END = SIGNATURE_BYTES + CHUNK_OVERHEAD_BYTES + 13;

/** The picture with one `iTXt` chunk per entry, right behind its header. */
export function writePngText(png: Uint8Array, entries: readonly (readonly [string, string])[]): Uint8Array {
  const chunks = entries.map(([keyword, text]) => chunk('iTXt', textBody(keyword, text)));
  return Buffer.concat([png.subarray(0, IHDR_END), ...chunks, png.subarray(IHDR_END)]);
}

/** The `iTXt` entries of a PNG, in their order; compressed ones are skipped. */
export function readPngText(png: Uint8Array): [string, string][] {
  const buffer = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const entries: [string, string][] = [];
  for (let at = SIGNATURE_BYTES; at + CHUNK_OVERHEAD_BYTES <= buffer.length; ) {
    const length = buffer.readUInt32BE(at);
    const body = buffer.subarray(at + 8, at + 8 + length);
    if (buffer.toString('latin1', at + 4, at + 8) === 'iTXt') {
      const entry = readTextBody(body);
      if (entry) entries.push(entry);
    }
    at += CHUNK_OVERHEAD_BYTES + length;
  }
  return entries;
}

function chunk(type: string, body: Buffer): Buffer {
  const bytes = Buffer.alloc(CHUNK_OVERHEAD_BYTES + body.length);
  bytes.writeUInt32BE(body.length, 0);
  bytes.write(type, 4, 'latin1');
  body.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + body.length)), 8 + body.length);
  return bytes;
}

/** keyword, 0, not compressed, method 0, no language, 0, no translated keyword, 0, text in UTF-8. */
const textBody = (keyword: string, text: string): Buffer =>
  Buffer.concat([Buffer.from(keyword, 'latin1'), Buffer.alloc(5), Buffer.from(text, 'utf8')]);

function readTextBody(body: Buffer): [string, string] | null {
  const keywordEnd = body.indexOf(0);
  if (keywordEnd < 1 || body[keywordEnd + 1] !== 0) return null;
  const languageEnd = body.indexOf(0, keywordEnd + 3);
  const translatedEnd = languageEnd < 0 ? -1 : body.indexOf(0, languageEnd + 1);
  if (translatedEnd < 0) return null;
  return [body.toString('latin1', 0, keywordEnd), body.toString('utf8', translatedEnd + 1)];
}
