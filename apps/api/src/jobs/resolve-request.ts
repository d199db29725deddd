import {
  type GenerationRequest,
  ImageGenerationBody,
  JobBody,
  type Warning,
  type WeightsManifest,
} from '@atelier/contracts';
import type { Clock, Ids } from '@atelier/ports';
import { ApiError } from '../http/api-error.js';
import type { ModelCatalogue, ServedModel } from '../models/catalogue.js';
import type { EditSource } from './edit-source.js';
import { resolveDrawing } from './resolve-drawing.js';
import { type PlannedReference, resolveEdit } from './resolve-edit.js';
import { resolveSize } from './resolve-size.js';
import type { TaskReader } from './task-reader.js';
import { Warnings } from './warnings.js';

export interface ResolvedRequest {
  /** Without references: their pictures are not stored yet. */
  readonly request: GenerationRequest;
  readonly references: readonly PlannedReference[];
  readonly manifest: WeightsManifest;
  readonly warnings: readonly Warning[];
}

export interface Resolver {
  readonly models: ModelCatalogue;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Which of the tasks a sentence asks for; null where it cannot be told. @default never told */
  readonly taskOf?: TaskReader;
}

const MAX_UNKNOWN_FIELDS_NAMED = 20;
const KNOWN_FIELDS = new Set(Object.keys(ImageGenerationBody.shape));
const KNOWN_FIELDS_OF_EDITS = new Set([...KNOWN_FIELDS, ...Object.keys(JobBody.shape), 'input_fidelity', 'async']);

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
  const drawing = edit ? null : resolveDrawing(body, manifest);
  const wishes = {
    task: body.task ?? undefined,
    size: body.size ?? 'auto',
    taskOfPrompt: (tasks: readonly string[]) => resolver.taskOf?.(body.prompt, tasks) ?? null,
  };
  const edited = edit ? resolveEdit(wishes, edit, manifest, warnings) : null;
  const editBox = edited?.editBox;
  const request: GenerationRequest = {
    schemaVersion: 1,
    task: edited?.task ?? drawing?.task ?? 'none',
    prompts: drawing?.prompts ?? [body.prompt],
    ...(body.negative_prompt?.trim() ? { negativePrompt: body.negative_prompt } : {}),
    samples: body.n ?? 1,
    outputs: drawing?.outputs ?? 1,
    bestOf: body.best_of ?? 1,
    references: [],
    ...(editBox ? { editBox } : {}),
    layout: [],
    size: edited?.size ?? resolveSize(body.size ?? 'auto', manifest, warnings),
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
  return { request, references: edited?.references ?? [], manifest, warnings: warnings.list };
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
