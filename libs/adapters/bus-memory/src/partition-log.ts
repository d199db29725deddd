import type { OutgoingMessage } from '@atelier/ports';

/** Messages of one partition from offset `start` (oldest kept) to `end` (next to be written). */
export class PartitionLog {
  private kept: (OutgoingMessage | undefined)[] = [];
  private head = 0;
  private firstOffset = 0;

  get start(): number {
    return this.firstOffset + this.head;
  }

  get end(): number {
    return this.firstOffset + this.kept.length;
  }

  append(message: OutgoingMessage): void {
    this.kept.push(message);
  }

  read(offset: number): OutgoingMessage | undefined {
    return this.kept[offset - this.firstOffset];
  }

  /** Forgets everything before `offset`. */
  trim(offset: number): void {
    const target = Math.min(offset, this.end) - this.firstOffset;
    while (this.head < target) {
      this.kept[this.head] = undefined;
      this.head += 1;
    }
    // Moving the rest down costs its length, so it waits until at least as much is gone.
    if (this.head > 256 && this.head * 2 > this.kept.length) {
      this.kept = this.kept.slice(this.head);
      this.firstOffset += this.head;
      this.head = 0;
    }
  }
}
