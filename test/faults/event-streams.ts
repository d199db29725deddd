import { TERMINAL_STATES } from '@atelier/contracts';
import { apiKeyOf, type Platform } from './profile.ts';

/** What a client has seen of one job's event stream, over all of its connections. */
export interface FollowedStream {
  /** Sequences in the order in which they came. */
  readonly sequences: readonly number[];
  /** Connections that ended before the last entry, or were refused. */
  readonly cutOff: number;
  /** Connections to another address than the one before that gave something new. */
  readonly wentOnElsewhere: number;
}

const PAUSE_MS = 50;
const TERMINAL_TYPES = new Set(TERMINAL_STATES.map((state) => `generation.${state}`));

/** Reads the stream of a job to its last entry: whenever it breaks, at the next API, behind what was seen. */
export async function followStream(platform: Platform, tenant: string, id: string): Promise<FollowedStream> {
  const sequences: number[] = [];
  let cutOff = 0;
  let wentOnElsewhere = 0;
  let lastUrl = '';
  for (let attempt = 0; ; attempt += 1) {
    const urls = await platform.addresses();
    const url = urls[attempt % urls.length] as string;
    const before = sequences.length;
    let isOver = false;
    try {
      for await (const { sequence, type } of entriesBehind(url, tenant, id, sequences.at(-1) ?? 0)) {
        sequences.push(sequence);
        isOver ||= TERMINAL_TYPES.has(type);
      }
    } catch {
      // The API died or is not there: what was seen until now counts.
    }
    if (sequences.length > before) {
      if (lastUrl !== '' && lastUrl !== url) wentOnElsewhere += 1;
      lastUrl = url;
    }
    if (isOver) return { sequences, cutOff, wentOnElsewhere };
    cutOff += 1;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Whether a stream gave every entry once and in order. */
export const isWhole = ({ sequences }: FollowedStream): boolean =>
  sequences.every((sequence, index) => sequence === index + 1);

async function* entriesBehind(
  url: string,
  tenant: string,
  id: string,
  sequence: number,
): AsyncIterable<{ readonly sequence: number; readonly type: string }> {
  const headers = { authorization: `Bearer ${apiKeyOf(tenant)}`, 'last-event-id': String(sequence) };
  const response = await fetch(`${url}/v1/jobs/${id}/events`, { headers });
  if (!response.ok || !response.body) throw new Error(`the stream was answered with ${response.status}`);
  let text = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const frames = (text + piece).split('\n\n');
    // The last one is not complete yet; a connection that breaks in it has not delivered it.
    text = frames.pop() as string;
    for (const frame of frames) {
      const [, entry] = /^id: (\d+)$/m.exec(frame) ?? [];
      const [, type = ''] = /^event: (.+)$/m.exec(frame) ?? [];
      if (entry !== undefined) yield { sequence: Number(entry), type };
    }
  }
}
