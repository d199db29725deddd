import { parseArgs } from 'node:util';
import type { Job } from '@atelier/client-sdk';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { numberOption } from '../number-option.js';

const OPTIONS = {
  limit: { type: 'string' },
  status: { type: 'string' },
  cursor: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const jobs: Command = {
  name: 'jobs',
  usage: 'jobs [--limit N] [--status queued|running|succeeded|failed|canceled|rejected] [--cursor C] [--json]',
  summary: 'list jobs, newest first',
  async run({ args, client, terminal, signal }) {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const limit = numberOption('limit', values.limit);
    const page = await (await client()).listJobs({
      signal,
      ...(limit === undefined ? {} : { limit }),
      ...(values.cursor === undefined ? {} : { cursor: values.cursor }),
      ...(values.status === undefined ? {} : { status: values.status as Job['status'] }),
    });
    if (values.json) terminal.out(JSON.stringify(page, null, 2));
    else {
      for (const job of page.data) terminal.out(lineOf(job));
      if (page.data.length === 0) terminal.err('no jobs\n');
      if (page.next_cursor) terminal.err(`more: atelier jobs --cursor ${page.next_cursor}\n`);
    }
    return EXIT.ok;
  },
};

function lineOf(job: Job): string {
  const when = new Date(job.created_at).toISOString().replace('T', ' ').slice(0, 19);
  const progress = job.status === 'running' ? ` ${Math.round(job.progress.value * 100)} %` : '';
  const why = job.queue ? ` (#${job.queue.position} ${job.queue.reason})` : '';
  return `${job.id}  ${when}  ${job.status}${progress}${why}  ${job.prompt.replace(/\s+/g, ' ').slice(0, 60)}`;
}
