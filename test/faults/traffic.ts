import type { AskedJob } from './history.ts';
import { apiKeyOf, type Platform } from './profile.ts';

export interface Wish {
  readonly tenant: string;
  readonly body: {
    readonly prompt: string;
    readonly seed: number;
    readonly n: number;
    readonly steps: number;
    /** Pictures to change, as `data:` links. */
    readonly images?: readonly string[];
  };
  /** Time between acceptance and cancel; absent: never cancelled. */
  readonly cancelAfterMs?: number;
}

/** A wish's recipe: equal text means equal pictures. */
export const recipeOf = ({ body }: Wish): string => JSON.stringify(body);

/** Thrown for an answer that no fault excuses. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
}

/** Jobs under way from which on clients hold back: what waits costs every decision about what comes next. */
const MOST_UNDER_WAY = 30;
/** Jobs that a client asks for between two looks at how many are under way. */
const LOOK_EVERY = 4;
const HOLD_MS = 100;

/** Clients that send a request again, with the same idempotency key, until somebody answers it. */
export class Traffic {
  readonly asked: AskedJob[] = [];
  /** Answers to cancels, with the moment at which the client had them. */
  readonly cancels: { readonly id: string; readonly outcome: 'canceled' | 'finished'; readonly at: number }[] = [];
  /** Takes an answer of 500 and more for none: where a server that the platform stands on is away. */
  retriesServerErrors = false;
  private readonly platform: Platform;
  private readonly name: string;
  private count = 0;

  constructor(platform: Platform, name: string) {
    this.platform = platform;
    this.name = name;
  }

  /** Resolves with the job's id once it is accepted, and cancelled where the wish says so. */
  async ask(wish: Wish): Promise<string> {
    this.count += 1;
    const request = `${this.name}-${this.count}`;
    const acceptedIds: string[] = [];
    this.asked.push({ request, recipe: recipeOf(wish), acceptedIds });
    const body = { ...wish.body, metadata: { request } };
    const headers = { 'idempotency-key': request, 'content-type': 'application/json' };
    const init = { headers, body: JSON.stringify(body) };
    const { id } = (await this.call(wish.tenant, '/v1/jobs', init, [200, 201, 202])).body;
    if (typeof id !== 'string') throw new UnexpectedAnswerError(`a job without an id for ${request}`);
    acceptedIds.push(id);
    if (wish.cancelAfterMs !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, wish.cancelAfterMs));
      await this.cancel(wish.tenant, id);
    }
    return id;
  }

  /** Status of the first answer to a request that may be refused. It leaves no trace here: it must not be accepted. */
  async statusOf(tenant: string, body: Partial<Wish['body']>): Promise<number> {
    const headers = { 'content-type': 'application/json' };
    const { status } = await this.send(await this.platform.address(), tenant, '/v1/jobs', {
      headers,
      body: JSON.stringify(body),
    });
    return status;
  }

  /** `finished`: it was over before. */
  async cancel(tenant: string, id: string): Promise<'canceled' | 'finished'> {
    const { status } = await this.call(tenant, `/v1/jobs/${id}/cancel`, {}, [200, 409]);
    const outcome = status === 200 ? 'canceled' : 'finished';
    this.cancels.push({ id, outcome, at: Date.now() });
    return outcome;
  }

  /** `limit` clients at a time; they hold back while much is under way. */
  async askAll(wishes: readonly Wish[], limit = 4): Promise<void> {
    const queue = [...wishes];
    const client = async () => {
      for (let asked = 1, wish = queue.shift(); wish; wish = queue.shift(), asked += 1) {
        await this.ask(wish);
        if (asked % LOOK_EVERY === 0 && queue.length > 0) await this.holdBack();
      }
    };
    await Promise.all(Array.from({ length: limit }, client));
  }

  /** One job from its request to its picture, as a waiting client sees it. Milliseconds. */
  async drawAndTime(wish: Wish): Promise<number> {
    const startedAt = performance.now();
    const id = await this.ask(wish);
    const url = await this.platform.address();
    const stream = await fetch(`${url}/v1/jobs/${id}/events`, {
      headers: { authorization: `Bearer ${apiKeyOf(wish.tenant)}` },
    });
    // The stream ends by itself behind the terminal entry.
    await stream.text();
    return performance.now() - startedAt;
  }

  private async holdBack(): Promise<void> {
    while (((await this.platform.unfinished()) ?? 0) > MOST_UNDER_WAY) {
      await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
    }
  }

  private async send(
    url: string,
    tenant: string,
    path: string,
    init: RequestInit,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const headers = { ...init.headers, authorization: `Bearer ${apiKeyOf(tenant)}` };
    const response = await fetch(url + path, { method: 'POST', ...init, headers });
    return { status: response.status, text: await response.text() };
  }

  private async call(
    tenant: string,
    path: string,
    init: RequestInit,
    expected: readonly number[],
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    for (;;) {
      const url = await this.platform.address();
      // The process died before it answered, or died with its answer half sent: nobody knows what came of it.
      const answer = await this.send(url, tenant, path, init).catch(() => null);
      if (!answer || (this.retriesServerErrors && answer.status >= 500)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      if (!expected.includes(answer.status)) {
        throw new UnexpectedAnswerError(`${path} was answered with ${answer.status}: ${answer.text}`);
      }
      return { status: answer.status, body: JSON.parse(answer.text) };
    }
  }
}
