import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { ImageEditBody } from '@atelier/client-sdk';
import type { Command } from '../command.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { numberOption } from '../number-option.js';
import { cancelOnInterrupt } from './cancel-on-interrupt.js';
import { followJob } from './follow-job.js';
import { formatOf, reportPictures, savePictures } from './saved-pictures.js';

const OPTIONS = {
  out: { type: 'string', short: 'o' },
  task: { type: 'string' },
  box: { type: 'string' },
  mask: { type: 'string' },
  roles: { type: 'string' },
  'from-picture': { type: 'boolean' },
  seed: { type: 'string', short: 's' },
  size: { type: 'string' },
  n: { type: 'string', short: 'n' },
  steps: { type: 'string' },
  guidance: { type: 'string' },
  'best-of': { type: 'string' },
  model: { type: 'string' },
  strict: { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
} as const;

const PICTURE_ENDING = /\.(png|jpe?g|webp|avif)$/iu;

type EditOptions = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

export const edit: Command = {
  name: 'edit',
  usage:
    'edit PICTURE... "<change>" [--out FILE] [--task NAME] [--box X,Y,WIDTH,HEIGHT] [--mask PNG] [--roles A,B] ' +
    '[--from-picture] [--seed N] [--n N] [--json]',
  summary: 'change a picture, such as "make the apple blue", and save the result',
  async run(context) {
    const { values, positionals } = parseArgs({ args: [...context.args], options: OPTIONS, allowPositionals: true });
    const { paths, prompt } = picturesAndChange(positionals);
    if (paths.length === 0 || prompt === '') {
      throw new UsageError('edit needs a picture and a change: atelier edit apple.png "make the apple blue"');
    }
    const images = await Promise.all(paths.map(readPicture));
    const mask = values.mask === undefined ? null : await readPicture(values.mask);
    const client = await context.client();
    // Not abortable: a request that was sent may be accepted, and then Ctrl-C has a job to cancel.
    const { id } = await client.createEditJob(bodyOf(images, mask, prompt, values));
    const quiet = values.quiet === true || values.json === true;
    const job = await cancelOnInterrupt(client, id, context.signal, () => followJob(client, id, context, { quiet }));
    const pictures = await savePictures(client, job, values.out, context.signal);
    reportPictures(context, job, pictures, values.json === true);
    return EXIT.ok;
  },
};

/** Pictures first, told by their endings; what follows is the change, quoted or not. */
function picturesAndChange([first, ...rest]: readonly string[]): { paths: string[]; prompt: string } {
  if (first === undefined) return { paths: [], prompt: '' };
  const words = rest.findIndex((text) => !PICTURE_ENDING.test(text));
  const change = words === -1 ? rest.length : words;
  return { paths: [first, ...rest.slice(0, change)], prompt: rest.slice(change).join(' ').trim() };
}

async function readPicture(path: string): Promise<Blob> {
  try {
    return new Blob([new Uint8Array(await readFile(path))]);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

function bodyOf(images: Blob[], mask: Blob | null, prompt: string, values: EditOptions): ImageEditBody {
  const given = Object.entries({
    task: values.task,
    edit_box: values.box,
    roles: values.roles?.split(','),
    control_from: values['from-picture'] ? 'picture' : undefined,
    seed: numberOption('seed', values.seed),
    size: values.size,
    n: numberOption('n', values.n),
    steps: numberOption('steps', values.steps),
    guidance: numberOption('guidance', values.guidance),
    best_of: numberOption('best-of', values['best-of']),
    model: values.model,
    output_format: formatOf(values.out),
    strict: values.strict,
  }).filter(([, value]) => value !== undefined);
  return { prompt, images, ...(mask ? { mask } : {}), ...Object.fromEntries(given) };
}
