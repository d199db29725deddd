import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from './api-error.js';
import type { UploadedFile } from './route.js';

/** A prompt of 10,000 characters is 60 kB when every character is escaped; a megabyte leaves room for metadata. */
export const JSON_BODY_LIMIT_BYTES = 1024 * 1024;
/** Two pictures of the largest size, or fourteen ordinary references. */
export const MULTIPART_BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/** A parsed multipart body: repeated text fields keep their last value, as form decoders do. */
export interface MultipartBody {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: readonly UploadedFile[];
}

/** Replaces Fastify's parsers: everything but JSON and forms is 415, and every failure is an error of the catalogue. */
export function registerBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: JSON_BODY_LIMIT_BYTES },
    async (_request: FastifyRequest, body: Buffer) => (body.byteLength === 0 ? undefined : parseJson(body)),
  );
  fastify.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer', bodyLimit: MULTIPART_BODY_LIMIT_BYTES },
    async (request: FastifyRequest, body: Buffer) => parseMultipart(body, request.headers['content-type'] ?? ''),
  );
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message.slice(0, 160) : 'it is not UTF-8';
    throw new ApiError('invalid_json', { message: `The body is not valid JSON: ${reason}.` });
  }
}

async function parseMultipart(body: Buffer, contentType: string): Promise<MultipartBody> {
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new ApiError('invalid_parameter', { message: 'The body is not a valid multipart form.' });
  }
  const fields: Record<string, string> = Object.create(null);
  const files: UploadedFile[] = [];
  for (const [field, value] of form.entries()) {
    if (typeof value === 'string') fields[field] = value;
    else files.push({ field, filename: value.name, bytes: new Uint8Array(await value.arrayBuffer()) });
  }
  return { fields, files };
}
