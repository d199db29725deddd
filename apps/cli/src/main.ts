import { run } from './run.js';
import { processTerminal } from './terminal.js';

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
process.once('SIGTERM', () => interrupt.abort(new Error('terminated')));

process.exitCode = await run({
  args: process.argv.slice(2),
  environment: process.env,
  terminal: processTerminal,
  signal: interrupt.signal,
});
