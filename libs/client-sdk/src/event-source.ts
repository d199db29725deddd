import { ProtocolError } from './errors.js';

/** One dispatched event of a `text/event-stream` body, or the server's wish for the reconnect delay. */
export type ServerSentEvent =
  | { readonly kind: 'event'; readonly id: string | null; readonly event: string; readonly data: string }
  | { readonly kind: 'retry'; readonly retryMs: number };

/** An event larger than this is refused: nothing the API sends comes near it. */
const MAX_EVENT_CHARACTERS = 8 * 1024 * 1024;

/**
 * Parses a body by the rules of the HTML standard, section "server-sent events": CR, LF and CRLF end a line, a blank
 * line dispatches, a line that starts with a colon is a comment, an unfinished event at the end is dropped.
 */
export async function* parseEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let buffer = '';
  let event = new PendingEvent();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      buffer += decoder.decode(value, { stream: true });
      if (buffer.length > MAX_EVENT_CHARACTERS) throw new ProtocolError('an event of the stream is too large');
      // A CR at the very end may be half of a CRLF: it waits for the next chunk.
      let match = /\r\n|\n|\r(?!$)/.exec(buffer);
      while (match) {
        const line = buffer.slice(0, match.index);
        buffer = buffer.slice(match.index + match[0].length);
        if (line === '') {
          if (event.hasData) yield event.dispatch();
          event = new PendingEvent();
        } else {
          const retryMs = event.accept(line);
          if (retryMs !== undefined) yield { kind: 'retry', retryMs };
        }
        match = /\r\n|\n|\r(?!$)/.exec(buffer);
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

class PendingEvent {
  private readonly lines: string[] = [];
  private id: string | null = null;
  private event = 'message';

  get hasData(): boolean {
    return this.lines.length > 0;
  }

  accept(line: string): number | undefined {
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon === -1 ? line : line.slice(0, colon);
    const rest = colon === -1 ? '' : line.slice(colon + 1);
    const value = rest.startsWith(' ') ? rest.slice(1) : rest;
    if (field === 'data') this.lines.push(value);
    else if (field === 'event') this.event = value;
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) return Number(value);
    return undefined;
  }

  dispatch(): ServerSentEvent {
    return { kind: 'event', id: this.id, event: this.event, data: this.lines.join('\n') };
  }
}
