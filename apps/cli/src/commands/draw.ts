import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { AtelierClient, Job, JobBody, JobOutput } from '@atelier/client-sdk';
import type { Command, CommandContext } from '../command.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { numberOption } from '../number-option.js';
import { followJob } from './follow-job.js';

const OPTIONS = {
  out: { type: 'string', short: 'o' },
  seed: { type: 'string', short: 's' },
  size: { type: 'string' },
  n: { type: 'string', short: 'n' },
  steps: { type: 'string' },
  guidance: { type: 'string' },
  'best-of': { type: 'string' },
  negative: { type: 'string' },
  expand: { type: 'string' },
  model: { type: 'string' },
  format: { type: 'string' },
  priority: { type: 'string' },
  strict: { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
} as const;

export const draw: Command = {
  name: 'draw',
  usage: 'draw "<prompt>" [--out FILE] [--seed N] [--size WxH] [--n N] [--steps N] [--best-of N] [--json]',
  summary: 'draw pictures and save them',
  async run(context) {
    const { values, positionals } = parseArgs({ args: [...context.args], options: OPTIONS, allowPositionals: true });
    const prompt = positionals.join(' ').trim();
    if (prompt === '') throw new UsageError('draw needs a prompt: atelier draw "a red apple to the left of a dog"');
    const body = bodyOf(prompt, values);
    const client = await context.client();
    // Not abortable: a request that was sent may be accepted, and then Ctrl-C has a job to cancel.
    const job = await client.createJob(body);
    const quiet = values.quiet === true || values.json === true;
    const finished = await cancelOnInterrupt(client, job.id, context.signal, () =>
      followJob(client, job.id, context, { quiet }),
    );
    const pictures = await savePictures(client, finished, values.out, context.signal);
    report(context, finished, pictures, values.json === true);
    return EXIT.ok;
  },
};

interface SavedPicture extends Pick<JobOutput, 'width' | 'height' | 'sha256' | 'url'> {
  readonly path: string;
  readonly seed: number;
  readonly score: number | null;
}

type DrawOptions = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

function bodyOf(prompt: string, values: DrawOptions): JobBody {
  const numbers = {
    seed: numberOption('seed', values.seed),
    n: numberOption('n', values.n),
    steps: numberOption('steps', values.steps),
    guidance: numberOption('guidance', values.guidance),
    best_of: numberOption('best-of', values['best-of']),
  };
  const texts = {
    size: values.size,
    negative_prompt: values.negative,
    model: values.model,
    output_format: (values.format ?? formatOf(values.out)) as JobBody['output_format'],
    priority: values.priority as JobBody['priority'],
    expand_prompt: expandOption(values.expand),
    strict: values.strict,
  };
  const given = Object.entries({ ...numbers, ...texts }).filter(([, value]) => value !== undefined);
  return { prompt, ...Object.fromEntries(given) };
}

const expandOption = (text: string | undefined): JobBody['expand_prompt'] =>
  text === undefined || text === 'off' || text === 'auto' ? text : numberOption('expand', text);

/** The file's ending chooses the format, so that `apple.webp` is a WebP. */
function formatOf(out: string | undefined): string | undefined {
  const ending = extname(out ?? '').toLowerCase();
  return { '.webp': 'webp', '.jpg': 'jpeg', '.jpeg': 'jpeg', '.png': 'png' }[ending];
}

/** Ctrl-C while drawing stops the job too: nobody waits for it any more. */
async function cancelOnInterrupt<T>(
  client: AtelierClient,
  id: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) await client.cancelJob(id).catch(() => undefined);
    throw error;
  }
}

async function savePictures(
  client: AtelierClient,
  job: Job,
  out: string | undefined,
  signal: AbortSignal,
): Promise<SavedPicture[]> {
  const chosen = job.samples.flatMap((sample) =>
    sample.candidates
      .filter((candidate) => candidate.chosen)
      .flatMap((candidate) => candidate.outputs.map((output) => ({ candidate, output }))),
  );
  const saved: SavedPicture[] = [];
  for (const [index, { candidate, output }] of chosen.entries()) {
    const path = pathOf(job, out, output, chosen.length > 1 ? index + 1 : null);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await client.downloadImage(output.url, { signal }));
    const { width, height, sha256, url } = output;
    saved.push({ path, seed: candidate.seed, score: candidate.score, width, height, sha256, url });
  }
  return saved;
}

/** `apple.png`, and `apple-1.png`, `apple-2.png` for several; without a name one is made from prompt and seed. */
function pathOf(job: Job, out: string | undefined, output: JobOutput, number: number | null): string {
  const ending = `.${output.content_type.split('/')[1] ?? 'png'}`;
  const slug = job.prompt
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48);
  const name = out ?? `${slug || 'picture'}-${job.request.seed}${ending}`;
  if (number === null) return resolve(name);
  const own = extname(name);
  return resolve(`${name.slice(0, name.length - own.length)}-${number}${own}`);
}

/** Short inside the working folder, absolute elsewhere. */
function nearPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

function report(context: CommandContext, job: Job, pictures: readonly SavedPicture[], asJson: boolean): void {
  const { terminal } = context;
  if (asJson) {
    const { id, status, expansion, timings, warnings } = job;
    terminal.out(JSON.stringify({ job: id, status, images: pictures, expansion, timings, warnings }, null, 2));
    return;
  }
  for (const { message } of job.warnings) terminal.err(`note: ${message}\n`);
  for (const { kind, message } of job.expansion?.explanation ?? []) {
    if (kind === 'substituted' || kind === 'dropped' || kind === 'spelling') terminal.err(`note: ${message}\n`);
  }
  for (const { path, width, height, seed, score } of pictures) {
    const judged = score === null ? '' : `  score ${score.toFixed(2)}`;
    terminal.out(`${nearPath(path)}  ${width}x${height}  seed ${seed}${judged}`);
  }
  const failed = job.samples.filter((sample) => sample.status !== 'succeeded').length;
  if (failed > 0) terminal.err(`${failed} of ${job.samples.length} pictures could not be drawn\n`);
  terminal.err(`${job.id}  ${((job.timings.total_ms ?? 0) / 1000).toFixed(2)} s\n`);
}
