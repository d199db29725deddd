import { parseArgs } from 'node:util';
import type { Command } from '../command.js';
import { EXIT, UsageError } from '../exit-codes.js';

export const cancel: Command = {
  name: 'cancel',
  usage: 'cancel <job> [--json]',
  summary: 'cancel a job',
  async run({ args, client, terminal, signal }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [id] = positionals;
    if (!id) throw new UsageError('cancel needs the id of a job');
    const job = await (await client()).cancelJob(id, { signal });
    terminal.out(values.json ? JSON.stringify(job, null, 2) : `${job.id}  ${job.status}`);
    return EXIT.ok;
  },
};
