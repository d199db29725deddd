const STOPPING = 0;
const BUSY = 1;

/**
 * Two shared words between the engine and its thread: `stopping`, and how many calls are under way. A thread that is
 * ended inside the runtime's native code takes the whole process down (an uncaught C++ exception), so nobody ends it
 * before the call under way has returned; no further one begins.
 */
export class ThreadControl {
  readonly words = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));

  stop(): void {
    Atomics.store(this.words, STOPPING, 1);
  }

  /** Resolves when no call is under way. */
  async idle(): Promise<void> {
    for (let busy = this.busy; busy > 0; busy = this.busy) await Atomics.waitAsync(this.words, BUSY, busy).value;
  }

  /** Blocks until no call is under way, for the end of the process; gives up after `timeoutMs`. */
  waitUntilIdle(timeoutMs: number): void {
    const deadline = performance.now() + timeoutMs;
    for (let busy = this.busy; busy > 0 && performance.now() < deadline; busy = this.busy) {
      Atomics.wait(this.words, BUSY, busy, deadline - performance.now());
    }
  }

  /** The thread is gone, and its calls with it. */
  forgetCalls(): void {
    Atomics.store(this.words, BUSY, 0);
    Atomics.notify(this.words, BUSY);
  }

  private get busy(): number {
    return Atomics.load(this.words, BUSY);
  }
}
