import {
  type Box,
  type GenerationRequest,
  type ImageGenerationBody,
  JobBody,
  type Size,
  type Warning,
  type WeightsManifest,
} from '@atelier/contracts';
import { chooseSize, parseSizeText, sameSize, sizeText, trainedEditTasks } from '@atelier/domain';
import type { Clock, Ids } from '@atelier/ports';
import { ApiError } from '../http/api-error.js';
import type { UploadedImage } from '../images/uploaded-images.js';
import type { ModelCatalogue, ServedModel } from '../models/catalogue.js';
import { Warnings } from './warnings.js';

export interface ResolvedRequest {
  readonly request: GenerationRequest;
  readonly manifest: WeightsManifest;
  readonly warnings: readonly Warning[];
}

export interface Resolver {
  readonly models: ModelCatalogue;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What an edit starts from. */
export interface EditSource {
  readonly images: readonly UploadedImage[];
  readonly editBox?: Box;
}

const MAX_UNKNOWN_FIELDS_NAMED = 20;
const KNOWN_FIELDS = new Set([...Object.keys(JobBody.shape), 'response_format', 'stream']);
const KNOWN_FIELDS_OF_EDITS = new Set([...KNOWN_FIELDS, 'edit_box', 'input_fidelity']);

/**
 * Turns a validated body into the request that the platform runs: fills in what the weights' manifest says, snaps what
 * may be snapped. Every departure from the caller's words is a warning; what the weights cannot do at all is refused by
 * `@atelier/generation`.
 */
export function resolveRequest(
  body: ImageGenerationBody,
  rawBody: unknown,
  resolver: Resolver,
  edit?: EditSource,
): ResolvedRequest {
  const warnings = new Warnings(body.strict === true);
  const prompt = body.prompt.trim();
  if (prompt === '') throw new ApiError('prompt_empty', { param: 'prompt' });
  warnOfUnknownFields(rawBody, edit ? KNOWN_FIELDS_OF_EDITS : KNOWN_FIELDS, warnings);
  const model = resolveModel(body.model, resolver.models, warnings);
  const { manifest } = model;
  const request: GenerationRequest = {
    schemaVersion: 1,
    task: edit ? resolveEditTask(body.task ?? undefined, manifest) : resolveTask(body.task ?? undefined, manifest),
    prompts: [body.prompt],
    ...(body.negative_prompt?.trim() ? { negativePrompt: body.negative_prompt } : {}),
    samples: body.n ?? 1,
    outputs: body.outputs ?? 1,
    bestOf: body.best_of ?? 1,
    references: [],
    ...(edit?.editBox ? { editBox: edit.editBox } : {}),
    layout: [],
    size: edit
      ? resolveEditSize(body.size ?? 'auto', edit.images[0], manifest, warnings)
      : resolveSize(body.size ?? 'auto', manifest, warnings),
    outputFormat: body.output_format ?? 'png',
    background: body.background ?? 'auto',
    seed: body.seed ?? resolver.ids.seed(),
    steps: body.steps ?? manifest.steps.default,
    guidance: resolveGuidance(body.guidance ?? undefined, manifest, warnings),
    precision: resolvePrecision(body.precision ?? 'auto', model),
    expandPrompt: body.expand_prompt ?? 'auto',
    priority: body.priority ?? 'normal',
    ...(body.deadline_s ? { deadlineAt: Math.round(resolver.clock.now() + body.deadline_s * 1000) } : {}),
    model: manifest.name,
    profile: manifest.profile,
    metadata: body.metadata ?? {},
  };
  warnOfIgnoredFields(body, warnings);
  return { request, manifest, warnings: warnings.list };
}

function warnOfUnknownFields(rawBody: unknown, known: ReadonlySet<string>, warnings: Warnings): void {
  const unknown = Object.keys(rawBody as object).filter((field) => !known.has(field));
  for (const field of unknown.slice(0, MAX_UNKNOWN_FIELDS_NAMED)) {
    const name = field.slice(0, 80);
    warnings.add('unknown_parameter', 'unknown_parameter', name, `"${name}" is not a known parameter; it was ignored.`);
  }
}

function resolveModel(name: string | undefined, models: ModelCatalogue, warnings: Warnings): ServedModel {
  const found = models.find(name);
  if (!found) {
    throw new ApiError('model_not_found', { param: 'model', message: `The model "${name}" does not exist.` });
  }
  if (found.aliased) {
    const message = `"${name}" is not served here; "${found.manifest.name}" drew instead.`;
    warnings.add('model_substituted', 'model_not_found', 'model', message);
  }
  return found;
}

/** Drawing from text alone: by convention of the manifest the trained task with the lowest id. */
function resolveTask(asked: string | undefined, manifest: WeightsManifest): string {
  if (asked !== undefined && trainedEditTasks(manifest).includes(asked)) {
    const message = `The task "${asked}" changes a picture: send it to /v1/images/edits.`;
    throw new ApiError('missing_parameter', { param: 'image', message });
  }
  return asked ?? manifest.tasks.filter((task) => task.trained).sort((a, b) => a.id - b.id)[0]?.name ?? 'none';
}

/** Without a name it is the only edit task there is. */
function resolveEditTask(asked: string | undefined, manifest: WeightsManifest): string {
  const trained = trainedEditTasks(manifest);
  const [only, ...others] = trained;
  if (asked === undefined && only !== undefined && others.length === 0) return only;
  if (asked !== undefined && trained.includes(asked)) return asked;
  if (asked === undefined && only !== undefined) {
    const message = `"task" is required: these weights know ${trained.join(', ')}.`;
    throw new ApiError('missing_parameter', { param: 'task', message });
  }
  const all = manifest.tasks.filter((task) => task.trained).map(({ name }) => name);
  const known = trained.length > 0 ? `of edits they know: ${trained.join(', ')}` : `they know: ${all.join(', ')}`;
  const wish = asked === undefined ? 'edits' : `the task "${asked}"`;
  throw new ApiError('unsupported_task', {
    param: asked === undefined ? 'image' : 'task',
    message: `The weights "${manifest.name}" were not trained for ${wish}; ${known}.`,
  });
}

/** The size asked for, else the one nearest to the picture's own; it is read and drawn at this size. */
function resolveEditSize(
  text: string,
  picture: UploadedImage | undefined,
  manifest: WeightsManifest,
  warnings: Warnings,
): Size {
  const size = text === 'auto' && picture ? chooseSize(picture, manifest).size : resolveSize(text, manifest, warnings);
  if (picture && !sameSize(picture, size)) {
    const cropped = picture.widthPx * size.heightPx === picture.heightPx * size.widthPx ? '' : ' and cut to its shape';
    const message = `The picture has ${sizeText(picture)} pixels; it was brought to ${sizeText(size)}${cropped}.`;
    warnings.add('picture_resized', 'unsupported_size', 'image', message);
  }
  return size;
}

function resolveSize(text: string, manifest: WeightsManifest, warnings: Warnings): Size {
  const asked = parseSizeText(text);
  if (asked === null) throw new ApiError('invalid_parameter', { param: 'size' });
  const { size, warning } = chooseSize(asked, manifest);
  if (warning) {
    const supported = manifest.sizes.map(sizeText).join(', ');
    warnings.add(warning.code, 'unsupported_size', 'size', `${warning.message} Supported: ${supported}.`);
  }
  return size;
}

function resolveGuidance(guidance: number | undefined, manifest: WeightsManifest, warnings: Warnings): number {
  const { default: own, distilled } = manifest.guidance;
  if (guidance === undefined || guidance === own) return own;
  if (!distilled) return guidance;
  const message = `Guidance is built into the weights "${manifest.name}"; ${own} was used.`;
  warnings.add('guidance_ignored', 'unsupported_feature', 'guidance', message);
  return own;
}

function resolvePrecision(
  precision: GenerationRequest['precision'],
  { manifest, precisions }: ServedModel,
): GenerationRequest['precision'] {
  if (precision === 'auto' || precisions.includes(precision)) return precision;
  const message = `The weights "${manifest.name}" run in: ${precisions.join(', ')}.`;
  throw new ApiError('unsupported_feature', { param: 'precision', message });
}

const NEUTRAL_QUALITY = new Set(['auto', 'standard', 'medium']);

/** Fields of OpenAI's API that mean nothing here; those that ask for nothing are taken silently. */
function warnOfIgnoredFields(body: ImageGenerationBody, warnings: Warnings): void {
  const ignored = (param: string, hint: string) =>
    warnings.add('parameter_ignored', 'unsupported_feature', param, `"${param}" has no effect; ${hint}.`);
  if (body.quality && !NEUTRAL_QUALITY.has(body.quality)) ignored('quality', 'use "steps" and "best_of"');
  if (body.style) ignored('style', 'name a style in the prompt');
  if (typeof body.output_compression === 'number' && body.output_compression !== 100) {
    ignored('output_compression', 'pictures are stored at full quality');
  }
}
