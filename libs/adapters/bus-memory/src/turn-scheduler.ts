const MICROTASKS_PER_TURN = 64;

/**
 * Runs callbacks soon: as microtasks, because a hop between two stages should not cost a turn of the event loop, but
 * only so many per turn, because a long chain of handlers that never touch I/O would starve timers and sockets.
 */
export class TurnScheduler {
  private runThisTurn = 0;

  schedule(callback: () => void): void {
    if (this.runThisTurn === 0) setImmediate(() => this.startTurn());
    this.runThisTurn += 1;
    if (this.runThisTurn <= MICROTASKS_PER_TURN) queueMicrotask(callback);
    else setImmediate(callback);
  }

  private startTurn(): void {
    this.runThisTurn = 0;
  }
}
