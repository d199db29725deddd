import type { AtelierClient } from '@atelier/client-sdk';
import type { ExitCode } from './exit-codes.js';
import type { Terminal } from './terminal.js';

/** What a command works with. */
export interface CommandContext {
  readonly args: readonly string[];
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Connects at the first call: a command line that is wrong needs no server. */
  client(): Promise<AtelierClient>;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  run(context: CommandContext): Promise<ExitCode>;
}
