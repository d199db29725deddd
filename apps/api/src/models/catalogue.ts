import type { ModelInfo, WeightsManifest, WeightsRef } from '@atelier/contracts';
import { sizeText, taskLimits } from '@atelier/domain';

/** Names that clients of other services have built in; they draw with the default model and say so in `warnings[]`. */
const FOREIGN_MODEL = /^(gpt-image-[\w.-]+|dall-e-[23]|chatgpt-image-latest|seedream-[\w.-]+|doubao-seedream-[\w.-]+)$/;

/** Weights and the precisions in which some worker runs them. */
export interface ServedModel {
  readonly manifest: WeightsManifest;
  readonly precisions: readonly string[];
}

export interface FoundModel extends ServedModel {
  /** True when the caller named another service's model. */
  readonly aliased: boolean;
}

/** The weights that this installation serves, by name. */
export class ModelCatalogue {
  private readonly byName: ReadonlyMap<string, ServedModel>;

  constructor(
    readonly defaultModel: ServedModel,
    others: readonly ServedModel[] = [],
  ) {
    this.byName = new Map([defaultModel, ...others].map((model) => [model.manifest.name, model]));
  }

  /** No name is the default model; an unknown name is null. */
  find(name: string | undefined): FoundModel | null {
    if (name === undefined || name === 'default') return { ...this.defaultModel, aliased: false };
    const model = this.byName.get(name);
    if (model) return { ...model, aliased: false };
    return FOREIGN_MODEL.test(name) ? { ...this.defaultModel, aliased: true } : null;
  }

  list(): WeightsManifest[] {
    return [...this.byName.values()].map((model) => model.manifest);
  }
}

export const weightsRefOf = ({ name, fingerprint, profile }: WeightsManifest): WeightsRef => ({
  name,
  fingerprint,
  profile,
});

/** A manifest as `GET /v1/models` shows it: what a caller may ask for, not how the weights are stored. */
export function modelInfoOf(manifest: WeightsManifest): ModelInfo {
  const { vocabulary } = manifest;
  return {
    id: manifest.name,
    object: 'model',
    created: createdAtSeconds(manifest),
    owned_by: 'atelier',
    profile: manifest.profile,
    fingerprint: manifest.fingerprint,
    sizes: manifest.sizes.map(sizeText),
    default_size: sizeText(manifest.defaultSize),
    steps: manifest.steps,
    guidance: manifest.guidance.default,
    limits: Object.fromEntries(
      Object.entries(manifest.limits).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    ),
    tasks: manifest.tasks.map(({ name, trained }) => ({ name, trained, ...taskLimits(name, manifest.limits) })),
    vocabulary: {
      concepts: vocabulary.conceptNames ?? vocabulary.concepts,
      concept_ids: vocabulary.concepts,
      styles: vocabulary.styles,
      places: vocabulary.places,
      times: vocabulary.times,
      colours: vocabulary.colours,
    },
    licences: manifest.licences.map(({ name, licence }) => ({ name, licence })),
  };
}

/** Seconds since 1970 of the export, as far as the manifest tells; 0 otherwise. */
function createdAtSeconds(manifest: WeightsManifest): number {
  const stamp = manifest.createdFrom.exportedAt ?? manifest.createdFrom.date;
  const ms = typeof stamp === 'string' ? Date.parse(stamp) : Number.NaN;
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}
