import type { Size, WeightsManifest } from '@atelier/contracts';
import { chooseSize, parseSizeText, sizeText } from '@atelier/domain';
import { ApiError } from '../http/api-error.js';
import type { Warnings } from './warnings.js';

/** The size that is drawn for the one asked for; another one is a warning. */
export function resolveSize(text: string, manifest: WeightsManifest, warnings: Warnings): Size {
  const asked = parseSizeText(text);
  if (asked === null) throw new ApiError('invalid_parameter', { param: 'size' });
  const { size, warning } = chooseSize(asked, manifest);
  if (warning) {
    const supported = manifest.sizes.map(sizeText).join(', ');
    warnings.add(warning.code, 'unsupported_size', 'size', `${warning.message} Supported: ${supported}.`);
  }
  return size;
}
