/** A server that can be stopped, killed, frozen and started again on the same port and data. */
export class RestartableServer {
  #server;
  #start;

  /** @param {() => Promise<import('./server-process.mjs').ServerProcess>} start */
  constructor(server, start) {
    this.#server = server;
    this.#start = start;
  }

  get pid() {
    return this.#server.pid;
  }

  get isRunning() {
    return this.#server.isRunning;
  }

  /** By the server's own signal: Kafka hands its partitions over first, which makes its next start quick. */
  stop() {
    return this.#server.stop();
  }

  /** The machine fails: no handler of the server runs. */
  kill() {
    return this.#server.kill();
  }

  /** Starts it again; stops it in the orderly way first if it still runs. */
  async restart() {
    if (this.isRunning) await this.stop();
    this.#server = await this.#start();
  }

  /** SIGSTOP: connections stay open and nothing is answered, as in a long pause of its machine. */
  freeze() {
    this.#server.signal('SIGSTOP');
  }

  thaw() {
    this.#server.signal('SIGCONT');
  }
}
