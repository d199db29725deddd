import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { ImageEditBody } from '@atelier/client-sdk';
import type { Command } from '../command.js';
import { EXIT, UsageError } from '../exit-codes.js';
import { numberOption } from '../number-option.js';
import { formatOf, reportPictures, savePictures } from './saved-pictures.js';

const OPTIONS = {
  out: { type: 'string', short: 'o' },
  task: { type: 'string' },
  box: { type: 'string' },
  seed: { type: 'string', short: 's' },
  size: { type: 'string' },
  n: { type: 'string', short: 'n' },
  steps: { type: 'string' },
  guidance: { type: 'string' },
  'best-of': { type: 'string' },
  model: { type: 'string' },
  strict: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

type EditOptions = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

export const edit: Command = {
  name: 'edit',
  usage: 'edit PICTURE "<change>" [--out FILE] [--box X,Y,WIDTH,HEIGHT] [--seed N] [--n N] [--best-of N] [--json]',
  summary: 'change a picture, such as "make the apple blue", and save the result',
  async run(context) {
    const { values, positionals } = parseArgs({ args: [...context.args], options: OPTIONS, allowPositionals: true });
    const [path, ...words] = positionals;
    const prompt = words.join(' ').trim();
    if (path === undefined || prompt === '') {
      throw new UsageError('edit needs a picture and a change: atelier edit apple.png "make the apple blue"');
    }
    const image = await readPicture(path);
    const client = await context.client();
    const { job: id } = await client.editImages(bodyOf(image, prompt, values), { signal: context.signal });
    const job = await client.getJob(id, { signal: context.signal });
    const pictures = await savePictures(client, job, values.out, context.signal);
    reportPictures(context, job, pictures, values.json === true);
    return EXIT.ok;
  },
};

async function readPicture(path: string): Promise<Blob> {
  try {
    return new Blob([new Uint8Array(await readFile(path))]);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

function bodyOf(image: Blob, prompt: string, values: EditOptions): ImageEditBody {
  const given = Object.entries({
    task: values.task,
    edit_box: values.box,
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
  return { prompt, images: [image], ...Object.fromEntries(given) };
}
