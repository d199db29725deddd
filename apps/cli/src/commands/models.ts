import { parseArgs } from 'node:util';
import type { ModelInfo } from '@atelier/client-sdk';
import type { Command } from '../command.js';
import { EXIT } from '../exit-codes.js';

export const models: Command = {
  name: 'models',
  usage: 'models [--json]',
  summary: 'list models, their sizes, tasks and vocabulary',
  async run({ args, client, terminal, signal }) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
    const list = await (await client()).listModels({ signal });
    terminal.out(values.json ? JSON.stringify(list, null, 2) : list.map(textOf).join('\n\n'));
    return EXIT.ok;
  },
};

/** `style (1-2 pictures: scene, style)` */
function taskText({ name, references, roles = [] }: ModelInfo['tasks'][number]): string {
  if (!references || references.max === 0) return name;
  const { min, max } = references;
  return `${name} (${min === max ? min : `${min}-${max}`} ${max === 1 ? 'picture' : 'pictures'}: ${roles.join(', ')})`;
}

function textOf(model: ModelInfo): string {
  const { vocabulary, tasks, steps } = model;
  const trained = tasks.filter((task) => task.trained).map(taskText);
  return [
    `${model.id}  (profile ${model.profile}, weights ${model.fingerprint.slice(0, 12)})`,
    `  sizes    ${model.sizes.join(', ')} (default ${model.default_size})`,
    `  steps    ${steps.min} to ${steps.max}, default ${steps.default}`,
    `  tasks    ${trained.join(', ') || 'none'}`,
    `  concepts ${vocabulary.concepts.join(', ')}`,
    `  colours  ${vocabulary.colours.join(', ')}`,
    `  styles   ${vocabulary.styles.join(', ')}`,
    `  places   ${vocabulary.places.join(', ')}`,
    `  times    ${vocabulary.times.join(', ')}`,
  ].join('\n');
}
