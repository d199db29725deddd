/** Where results and remarks go: results to standard output, everything else to standard error. */
export interface Terminal {
  readonly isInteractive: boolean;
  readonly columns: number;
  out(text: string): void;
  err(text: string): void;
}

export const processTerminal: Terminal = {
  isInteractive: process.stderr.isTTY === true,
  get columns() {
    return process.stderr.columns ?? 80;
  },
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(text),
};
