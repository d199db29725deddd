import { createHash } from 'node:crypto';
import {
  type GenerationId,
  type GenerationRequest,
  type TenantId,
  toMessage,
  type Warning,
  type WeightsRef,
} from '@atelier/contracts';
import { CostModel, firstRuns } from '@atelier/domain';
import {
  type Clock,
  type CrashPoints,
  type EngineDescription,
  type Generation,
  type GenerationStore,
  type Ids,
  NO_CRASH_POINTS,
  newStageRun,
} from '@atelier/ports';
import { IdempotencyKeyReusedError } from '../errors.js';
import { AdmissionGate, type AdmissionGateDependencies } from './admission-gate.js';
import { checkAgainstManifest } from './check-against-manifest.js';

export interface SubmitGenerationDependencies extends AdmissionGateDependencies {
  readonly store: Pick<GenerationStore, 'submit' | 'tenantLoads'>;
  readonly ids: Ids;
  readonly clock: Clock;
  /** The engine as it is loaded now; read at each call. */
  readonly describe: () => Pick<EngineDescription, 'manifest' | 'maxPixels'>;
  readonly crashPoints?: CrashPoints;
}

export interface SubmitCommand {
  readonly tenantId: TenantId;
  /** Complete: sizes snapped, defaults and seed filled in (`Ids.seed` where the caller named none). */
  readonly request: GenerationRequest;
  /** What the caller should know about how the request was read (unknown fields, a snapped size). */
  readonly warnings?: readonly Warning[];
  /** `requestHash` is over what the caller sent (`requestHash`), not over the defaults that were filled in. */
  readonly idempotency?: { readonly key: string; readonly requestHash: string };
  readonly traceparent?: string | null;
}

/**
 * Accepts a generation: one commit writes it with its first runs, the first log entry and an outbox row, so that an id
 * that was given away is durable. Errors: `GenerationError` classes of this library, thrown before anything is written.
 */
export class SubmitGeneration {
  private readonly crashPoints: CrashPoints;
  private readonly gate: AdmissionGate;

  constructor(private readonly dependencies: SubmitGenerationDependencies) {
    this.crashPoints = dependencies.crashPoints ?? NO_CRASH_POINTS;
    this.gate = new AdmissionGate(dependencies);
  }

  async execute(command: SubmitCommand): Promise<{ readonly generationId: GenerationId; readonly replayed: boolean }> {
    const { store, ids, clock, describe } = this.dependencies;
    const { manifest, maxPixels } = describe();
    const { tenantId, request } = command;
    checkAgainstManifest(request, manifest, maxPixels);
    await this.gate.admit(tenantId, request, { manifest, maxPixels });

    const now = clock.now();
    const generationId = ids.generationId();
    const traceparent = command.traceparent ?? null;
    const weights: WeightsRef = { name: manifest.name, fingerprint: manifest.fingerprint, profile: manifest.profile };
    const costs = new CostModel(manifest);
    const generation: Generation = {
      id: generationId,
      tenantId,
      state: 'queued',
      request,
      weights,
      samples: Array.from({ length: request.samples }, (_, index) => ({
        index,
        state: 'queued',
        error: null,
        chosenCandidate: null,
      })),
      expansion: null,
      warnings: command.warnings ?? [],
      error: null,
      traceparent,
      createdAt: now,
      startedAt: null,
      finishedAt: null,
    };
    const runs = firstRuns(request).map((spec) => newStageRun(spec, { id: ids.runId(), generation, costs, now }));
    const submitted = toMessage(
      'generation.submitted.v1',
      generationId,
      { schemaVersion: 1, tenantId, generationId, request, weights, submittedAt: now },
      { id: `${generationId}.submitted`, source: '/generation', time: now, traceparent },
    );

    this.crashPoints.reach('submit.before-commit');
    const outcome = await store.submit({
      generation,
      runs,
      events: [
        {
          type: 'generation.queued',
          at: now,
          data: { samples: request.samples, outputs: request.outputs, bestOf: request.bestOf, seed: request.seed },
        },
      ],
      outbox: [submitted],
      ...(command.idempotency ? { idempotency: command.idempotency } : {}),
    });
    this.crashPoints.reach('submit.after-commit');
    switch (outcome.outcome) {
      case 'created':
        return { generationId, replayed: false };
      case 'replayed':
        return { generationId: outcome.generationId, replayed: true };
      case 'key-reused':
        throw new IdempotencyKeyReusedError();
    }
  }
}

/** sha256 over what a caller sent, independent of the order of its keys: tells a replay from a reuse of an idempotency key. */
export function requestHash(body: unknown): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex');
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
