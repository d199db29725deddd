import { ApiError, AtelierError, ConnectionError, errorFromResponse, ProtocolError } from './errors.js';

export interface TransportOptions {
  /** Origin of the server, with or without a path prefix: `http://127.0.0.1:7878`; empty for the page's own origin. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** @default the global fetch */
  readonly fetch?: typeof fetch;
  /** Further tries after a lost connection, 429 or 503. @default 2 */
  readonly maxRetries?: number;
}

export interface SendOptions {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Sent as JSON, a form as multipart. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** True when sending twice is the same as sending once. */
  readonly repeatable: boolean;
}

/** Sends requests with the key, repeats what is safe to repeat, and turns error answers into typed errors. */
export class Transport {
  private readonly baseUrl: string;
  private readonly fetch: typeof fetch;
  private readonly maxRetries: number;

  constructor(private readonly options: TransportOptions) {
    this.baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.maxRetries = options.maxRetries ?? 2;
  }

  url(pathOrUrl: string): string {
    return /^https?:\/\//.test(pathOrUrl) ? pathOrUrl : `${this.baseUrl}${pathOrUrl}`;
  }

  private isOwn(pathOrUrl: string): boolean {
    return pathOrUrl.startsWith('/') || (this.baseUrl !== '' && pathOrUrl.startsWith(`${this.baseUrl}/`));
  }

  async send(options: SendOptions): Promise<Response> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.sendOnce(options);
      } catch (error) {
        const delayMs = retryDelayMs(error, attempt);
        if (delayMs === null || !options.repeatable || attempt >= this.maxRetries) throw error;
        await delay(delayMs, options.signal);
      }
    }
  }

  async json<T>(options: SendOptions): Promise<T> {
    const response = await this.send(options);
    const text = await response.text();
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new ProtocolError(`${options.method} ${options.path} answered ${response.status} without JSON`);
    }
  }

  private async sendOnce(options: SendOptions): Promise<Response> {
    const url = this.url(options.path);
    const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
    // A form names its own content type, with the boundary that only fetch knows.
    const isForm = options.body instanceof FormData;
    if (options.body !== undefined && !isForm) headers['content-type'] = 'application/json';
    // The key goes to our own server only, never to a foreign host that a link may name.
    if (this.options.apiKey && this.isOwn(options.path)) headers.authorization = `Bearer ${this.options.apiKey}`;
    let response: Response;
    try {
      response = await this.fetch(url, {
        method: options.method,
        headers,
        ...(options.body === undefined
          ? {}
          : { body: isForm ? (options.body as FormData) : JSON.stringify(options.body) }),
        ...(options.signal ? { signal: options.signal } : {}),
      });
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      throw new ConnectionError(url, error);
    }
    if (!response.ok) throw await errorFromResponse(response);
    return response;
  }
}

/** Milliseconds until the next try, or null when another try cannot help. */
function retryDelayMs(error: unknown, attempt: number): number | null {
  const backOffMs = 250 * 2 ** attempt;
  if (error instanceof ConnectionError) return backOffMs;
  if (error instanceof ApiError && (error.status === 429 || error.status === 503)) {
    return Math.min(error.retryAfterMs ?? backOffMs, 30_000);
  }
  return null;
}

/** Waits, or throws the signal's reason when it aborts first. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason ?? new AtelierError('aborted'));
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
