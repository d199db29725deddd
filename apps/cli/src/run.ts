import { ApiError } from '@atelier/client-sdk';
import type { Command, CommandContext } from './command.js';
import { cancel } from './commands/cancel.js';
import { draw } from './commands/draw.js';
import { edit } from './commands/edit.js';
import { jobs } from './commands/jobs.js';
import { keys } from './commands/keys.js';
import { models } from './commands/models.js';
import { watch } from './commands/watch.js';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.js';
import { connect, type Server } from './server.js';
import type { Terminal } from './terminal.js';

const COMMANDS: readonly Command[] = [draw, edit, jobs, watch, cancel, models, keys];

export interface RunOptions {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Runs one command line and returns its exit code; never throws. */
export async function run({ args, environment, terminal, signal }: RunOptions): Promise<ExitCode> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || args.includes('--help') || args.includes('-h')) {
    terminal.out(help());
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (!command) {
    terminal.err(`unknown command "${name}"\n\n${help()}\n`);
    return EXIT.usage;
  }
  let server: Server | null = null;
  const context: CommandContext = {
    args: rest,
    environment,
    terminal,
    signal,
    async client() {
      server ??= await connect(environment, terminal);
      return server.client;
    },
  };
  try {
    return await command.run(context);
  } catch (error) {
    if (signal.aborted) {
      terminal.err('interrupted\n');
      return EXIT.interrupted;
    }
    terminal.err(`${textOf(error, command)}\n`);
    return exitCodeOf(error);
  } finally {
    await (server as Server | null)?.release();
  }
}

function textOf(error: unknown, command: Command): string {
  if (error instanceof ApiError) return `${error.message} (${error.code}, request ${error.requestId})`;
  const message = error instanceof Error ? error.message : String(error);
  return exitCodeOf(error) === EXIT.usage ? `${message}\nusage: atelier ${command.usage}` : message;
}

const help = (): string =>
  [
    'atelier: draw pictures on this machine',
    '',
    ...COMMANDS.map(({ usage, summary }) => `  atelier ${usage}\n      ${summary}`),
    '',
    'Talks to ATELIER_URL, else to a server on this machine (port 7878 or ATELIER_PORT), else starts the platform for',
    'one command and stops it again. ATELIER_API_KEY is sent where keys are needed.',
    '',
    'Exit codes: 0 done, 1 failed, 2 wrong command line, 3 no server, 4 rejected, 130 interrupted.',
  ].join('\n');
