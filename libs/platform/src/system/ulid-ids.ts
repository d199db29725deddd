import { randomBytes, randomInt } from 'node:crypto';
import type { Clock, Ids } from '@atelier/ports';

/** Crockford's base 32 in lower case: no i, l, o, u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * Ids with a ULID (github.com/ulid/spec): 48 bits of milliseconds and 80 random bits in 26 characters. Within one
 * millisecond the random part is counted up, so that the ids of one process sort in the order they were made.
 */
export class UlidIds implements Ids {
  private lastMs = -1;
  private readonly random = new Uint8Array(16);

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  generationId(): string {
    return `gen_${this.ulid()}`;
  }

  runId(): string {
    return `run_${this.ulid()}`;
  }

  executionId(): string {
    return Array.from(randomBytes(12), (byte) => ALPHABET[byte % 32]).join('');
  }

  seed(): number {
    return randomInt(2 ** 32);
  }

  /** 26 characters; also fit as the id of a message. */
  ulid(): string {
    const ms = Math.max(this.clock.now(), this.lastMs);
    if (ms > this.lastMs) {
      this.lastMs = ms;
      for (const [index, byte] of randomBytes(16).entries()) this.random[index] = byte % 32;
    } else this.countUp();
    let time = '';
    for (let rest = ms, digit = 0; digit < 10; digit += 1) {
      time = ALPHABET[rest % 32] + time;
      rest = Math.floor(rest / 32);
    }
    return time + Array.from(this.random, (digit) => ALPHABET[digit]).join('');
  }

  private countUp(): void {
    for (let digit = 15; digit >= 0; digit -= 1) {
      const value = (this.random[digit] ?? 0) + 1;
      this.random[digit] = value % 32;
      if (value < 32) return;
    }
    // All 80 bits were set: the next millisecond is borrowed.
    this.lastMs += 1;
  }
}
