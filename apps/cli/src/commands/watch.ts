import { parseArgs } from 'node:util';
import { isTerminal } from '@atelier/client-sdk';
import type { Command } from '../command.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { followJob } from './follow-job.js';

export const watch: Command = {
  name: 'watch',
  usage: 'watch <job> [--json]',
  summary: 'follow a job until it ends',
  async run(context) {
    const { values, positionals } = parseArgs({
      args: [...context.args],
      options: { json: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [id] = positionals;
    if (!id) throw new UsageError('watch needs the id of a job');
    const client = await context.client();
    if (values.json) {
      // One event per line, as they happen.
      for await (const event of client.streamJob(id, { signal: context.signal })) {
        context.terminal.out(JSON.stringify(event));
        if (event.kind === 'entry' && isTerminal(event.entry)) {
          return event.entry.type === 'generation.succeeded' ? EXIT.ok : EXIT.failed;
        }
      }
      return EXIT.ok;
    }
    const job = await followJob(client, id, context, { quiet: false });
    for (const sample of job.samples) {
      for (const candidate of sample.candidates.filter((one) => one.chosen)) {
        for (const output of candidate.outputs) context.terminal.out(client.imageUrl(output.url));
      }
    }
    return EXIT.ok;
  },
};
