import type { AtelierClient, Job } from '@atelier/client-sdk';
import type { CommandContext } from '../command.js';
import { EXIT, JobEndedError } from '../exit-codes.js';
import { ProgressBar } from '../progress-bar.js';

/** Shows a job's progress until it ends and returns it; throws `JobEndedError` unless it succeeded. */
export async function followJob(
  client: AtelierClient,
  id: string,
  { terminal, signal }: Pick<CommandContext, 'terminal' | 'signal'>,
  options: { readonly quiet: boolean },
): Promise<Job> {
  const bar = new ProgressBar(terminal, terminal.isInteractive && !options.quiet);
  try {
    for await (const event of client.streamJob(id, { signal })) bar.accept(event);
  } finally {
    bar.clear();
  }
  const job = await client.getJob(id, { signal });
  switch (job.status) {
    case 'succeeded':
      return job;
    case 'canceled':
      throw new JobEndedError(EXIT.failed, `job ${id} was canceled`);
    case 'rejected':
      throw new JobEndedError(EXIT.rejected, job.error?.message ?? `job ${id} was rejected`);
    default:
      throw new JobEndedError(EXIT.failed, job.error?.message ?? `job ${id} ended as ${job.status}`);
  }
}
