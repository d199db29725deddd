import { parseArgs } from 'node:util';
import type { JobBody } from '@atelier/client-sdk';
import type { Command } from '../command.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { numberOption } from '../number-option.js';
import { cancelOnInterrupt } from './cancel-on-interrupt.js';
import { followJob } from './follow-job.js';
import { formatOf, reportPictures, savePictures } from './saved-pictures.js';

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
  story: { type: 'boolean' },
  strict: { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
} as const;

export const draw: Command = {
  name: 'draw',
  usage:
    'draw "<prompt>" [--out FILE] [--seed N] [--size WxH] [--n N] [--steps N] [--best-of N] [--json]\n' +
    '  atelier draw --story "<first picture>; <second picture>" [--out FILE]',
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
    reportPictures(context, finished, pictures, values.json === true);
    return EXIT.ok;
  },
};

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
    task: values.story ? 'storyboard' : undefined,
    strict: values.strict,
  };
  const given = Object.entries({ ...numbers, ...texts }).filter(([, value]) => value !== undefined);
  return { prompt, ...Object.fromEntries(given) };
}

const expandOption = (text: string | undefined): JobBody['expand_prompt'] =>
  text === undefined || text === 'off' || text === 'auto' ? text : numberOption('expand', text);
