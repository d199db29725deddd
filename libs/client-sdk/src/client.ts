import type {
  ImageGenerationBody,
  ImageResponse,
  Job,
  JobBody,
  JobList,
  JobStreamEvent,
  ModelInfo,
  ModelList,
  OperationsSnapshot,
} from '@atelier/contracts';
import { editForm, type ImageEditBody } from './edit-form.js';
import { ConnectionError } from './errors.js';
import { type StreamOptions, streamJob } from './job-stream.js';
import { Transport, type TransportOptions } from './transport.js';

export type ClientOptions = TransportOptions;

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface CreateOptions extends CallOptions {
  /** The same key gives the same job, also after a restart. @default a fresh random key, so that a retry never draws twice */
  readonly idempotencyKey?: string;
}

export interface ListJobsOptions extends CallOptions {
  /** 1..100. @default 20 */
  readonly limit?: number;
  readonly cursor?: string;
  readonly status?: Job['status'];
  /** Words of the prompt, the task or the id. */
  readonly query?: string;
  /** Epoch milliseconds, exclusive. */
  readonly createdAfter?: number;
  readonly createdBefore?: number;
}

/** Typed client of the public API; runs in browsers and in Node. Every call throws the errors of `errors.ts`. */
export interface AtelierClient {
  /** Draws and waits; the connection may be lost without losing the job (`error.job`, then `getJob`). */
  drawImages(body: ImageGenerationBody, options?: CreateOptions): Promise<ImageResponse>;
  /** Changes a picture and waits, as `drawImages` does. Weights without a trained edit task answer `unsupported_task`. */
  editImages(body: ImageEditBody, options?: CreateOptions): Promise<ImageResponse>;
  /** Accepts the job and returns at once. */
  createJob(body: JobBody, options?: CreateOptions): Promise<Job>;
  /** Accepts an edit as a job and returns at once. */
  createEditJob(body: ImageEditBody, options?: CreateOptions): Promise<Job>;
  getJob(id: string, options?: CallOptions): Promise<Job>;
  listJobs(options?: ListJobsOptions): Promise<JobList>;
  /** Asks to stop; a job that has already finished is a `ConflictError`. */
  cancelJob(id: string, options?: CallOptions): Promise<Job>;
  /** Snapshot, then every log entry once and in order until the terminal one, across lost connections. */
  streamJob(id: string, options?: StreamOptions): AsyncGenerator<JobStreamEvent>;
  /** Follows the stream to its end and returns the final job. */
  waitForJob(id: string, options?: StreamOptions): Promise<Job>;
  listModels(options?: CallOptions): Promise<ModelInfo[]>;
  getModel(id: string, options?: CallOptions): Promise<ModelInfo>;
  operations(options?: CallOptions): Promise<OperationsSnapshot>;
  /** Whether the server answers and has finished its self-check. */
  ready(options?: CallOptions): Promise<'ready' | 'starting' | 'unreachable'>;
  /** Absolute address of a picture or preview link that the API returned. */
  imageUrl(link: string): string;
  downloadImage(link: string, options?: CallOptions): Promise<Uint8Array>;
}

export function createClient(options: ClientOptions): AtelierClient {
  const transport = new Transport(options);
  const get = <T>(path: string, call: CallOptions = {}) =>
    transport.json<T>({ method: 'GET', path, signal: call.signal, repeatable: true });
  const create = <T>(path: string, body: unknown, call: CreateOptions = {}) =>
    transport.json<T>({
      method: 'POST',
      path,
      body,
      headers: { 'idempotency-key': call.idempotencyKey ?? randomKey() },
      signal: call.signal,
      repeatable: true,
    });
  const jobPath = (id: string) => `/v1/jobs/${encodeURIComponent(id)}`;

  const client: AtelierClient = {
    drawImages: (body, call) => create<ImageResponse>('/v1/images/generations', body, call),
    editImages: (body, call) => create<ImageResponse>('/v1/images/edits', editForm(body), call),
    createJob: (body, call) => create<Job>('/v1/jobs', body, call),
    createEditJob: (body, call) => create<Job>('/v1/images/edits', editForm({ ...body, async: true }), call),
    getJob: (id, call) => get<Job>(jobPath(id), call),
    listJobs: (query = {}) => get<JobList>(`/v1/jobs${listQuery(query)}`, query),
    cancelJob: (id, call = {}) =>
      transport.json<Job>({ method: 'POST', path: `${jobPath(id)}/cancel`, signal: call.signal, repeatable: true }),
    streamJob: (id, stream) => streamJob(transport, id, stream),
    async waitForJob(id, stream) {
      for await (const _ of streamJob(transport, id, stream));
      return client.getJob(id, stream?.signal ? { signal: stream.signal } : {});
    },
    listModels: async (call) => (await get<ModelList>('/v1/models', call)).data,
    getModel: (id, call) => get<ModelInfo>(`/v1/models/${encodeURIComponent(id)}`, call),
    operations: (call) => get<OperationsSnapshot>('/v1/operations', call),
    async ready(call = {}) {
      try {
        await transport.send({ method: 'GET', path: '/readyz', signal: call.signal, repeatable: false });
        return 'ready';
      } catch (error) {
        if (call.signal?.aborted) throw error;
        return error instanceof ConnectionError ? 'unreachable' : 'starting';
      }
    },
    imageUrl: (link) => transport.url(link),
    async downloadImage(link, call = {}) {
      const response = await transport.send({
        method: 'GET',
        path: link,
        headers: { accept: 'image/*' },
        signal: call.signal,
        repeatable: true,
      });
      return new Uint8Array(await response.arrayBuffer());
    },
  };
  return client;
}

function listQuery(query: ListJobsOptions): string {
  const parameters = new URLSearchParams();
  if (query.limit !== undefined) parameters.set('limit', String(query.limit));
  if (query.cursor !== undefined) parameters.set('cursor', query.cursor);
  if (query.status !== undefined) parameters.set('status', query.status);
  if (query.query !== undefined) parameters.set('query', query.query);
  if (query.createdAfter !== undefined) parameters.set('created_after', String(query.createdAfter));
  if (query.createdBefore !== undefined) parameters.set('created_before', String(query.createdBefore));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** `getRandomValues`, because `randomUUID` is missing on pages that are not served over HTTPS or from localhost. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
