const MOST_KNOWN = 1_000;

/** What this process has lately stored or found, so that it can be told without asking Redis. */
export class KnownEntries {
  /** Digests by entry, the newest last. */
  readonly #digests = new Map<string, string>();

  remember(entry: string, digest: string): void {
    this.#digests.delete(entry);
    this.#digests.set(entry, digest);
    const [oldest] = this.#digests.keys();
    if (this.#digests.size > MOST_KNOWN && oldest !== undefined) this.#digests.delete(oldest);
  }

  forget(entry: string): void {
    this.#digests.delete(entry);
  }

  /** Digests, newest first. */
  newest(limit: number): string[] {
    return [...this.#digests.values()].slice(Math.max(0, this.#digests.size - limit)).reverse();
  }
}
