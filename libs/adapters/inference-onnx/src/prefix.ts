import { jointCaption } from '@atelier/domain';
import {
  checkTensor,
  type DenoiseRequest,
  type EngineDescription,
  InferenceInputError,
  latentShape,
  type Tensor,
} from '@atelier/ports';
import { cellPositions } from './positions.js';
import type { PromptTokenizer } from './prompt-tokenizer.js';
import type { SessionHost } from './session-host.js';
import type { WireTensor } from './session-messages.js';

/** References take the image indices 10, 20 ...; outputs 1, 2 ... */
const REFERENCE_INDEX_STEP = 10;

/** The engine's parts that a prefix is made of. */
export interface PrefixParts {
  readonly engine: EngineDescription;
  readonly tokenizer: PromptTokenizer;
  readonly host: SessionHost;
}

/**
 * Computes the K/V that all steps of a denoise read, references first, text behind them, and keeps it in the thread.
 * @returns its number; two where guidance asks for a second one without the caption
 */
export async function holdPrefixes(request: DenoiseRequest, taskId: number, parts: PrefixParts): Promise<number[]> {
  const { limits, tokenizer, guidance } = parts.engine.manifest;
  const caption = captionTokens(request, parts.tokenizer, limits.maxTextTokens);
  const isGuided = request.guidance !== 1 && !guidance.distilled;
  const references = placeReferences(request, parts.engine);
  const texts = isGuided ? [caption, tokenizer.nullTokenIds] : [caption];
  return Promise.all(texts.map((tokenIds) => holdPrefix(tokenIds, taskId, references, parts.host)));
}

/**
 * Token ids of what the network reads of a request.
 * @throws InferenceInputError beyond `maxTextTokens`: a caption is never cut silently
 */
export function captionTokens(
  { task, plans }: Pick<DenoiseRequest, 'task' | 'plans'>,
  tokenizer: PromptTokenizer,
  maxTextTokens: number,
): number[] {
  const captions = plans.map(({ caption }) => caption);
  const ids = tokenizer.encode(jointCaption(task, captions));
  if (ids.length > maxTextTokens) {
    throw new InferenceInputError(`plans: ${ids.length} text tokens, the limit is ${maxTextTokens}`);
  }
  return ids;
}

function holdPrefix(
  tokenIds: readonly number[],
  taskId: number,
  references: PlacedReferences,
  host: SessionHost,
): Promise<number> {
  return host.runAndHold('prefix', {
    token_ids: { dims: [1, tokenIds.length], data: BigInt64Array.from(tokenIds, BigInt) },
    task_id: { dims: [1], data: BigInt64Array.of(BigInt(taskId)) },
    ...references,
  });
}

/** Inputs of the prefix graph; also without a reference it wants them, with no token. */
interface PlacedReferences {
  readonly reference_kv: WireTensor;
  readonly reference_positions: WireTensor;
}

function placeReferences(request: DenoiseRequest, { manifest }: EngineDescription): PlacedReferences {
  const { graphs, latent, network } = manifest;
  const { references } = request;
  if (references.length > 0 && !graphs.referenceEncoder) {
    throw new InferenceInputError('references: these weights have no graph for them');
  }
  const [rows, columns] = latentShape(request.size, manifest);
  const shape = [network.layers, 2, network.heads, rows * columns, network.headDim];
  for (const { kv, weight } of references) {
    if (weight !== 1) throw new InferenceInputError('references: a weight other than 1 is not supported');
    if (kv.shape[3] !== rows * columns) throw new InferenceInputError('references: encoded at another size');
    checkTensor('references', kv, shape);
  }
  const none = { shape: shape.with(3, 0), data: new Float32Array() };
  const kv = references.length > 0 ? concatenateKv(references.map((reference) => reference.kv)) : none;
  const slots = references.map((_, index) => REFERENCE_INDEX_STEP * (index + 1));
  const positions = cellPositions(slots, rows, columns, latent.frameBins);
  return {
    reference_kv: { dims: kv.shape, data: kv.data },
    reference_positions: { dims: [positions.length / 3, 3], data: positions },
  };
}

/** Joins K/V [layers, 2, heads, n, headDim] along their tokens. */
export function concatenateKv(parts: readonly Tensor[]): Tensor {
  const [layers = 0, two = 0, heads = 0, , headDim = 0] = parts[0]?.shape ?? [];
  const rows = layers * two * heads;
  const tokens = parts.reduce((sum, { shape }) => sum + (shape[3] as number), 0);
  const data = new Float32Array(rows * tokens * headDim);
  let column = 0;
  for (const part of parts) {
    const width = (part.shape[3] as number) * headDim;
    for (let row = 0; row < rows; row++) {
      data.set(part.data.subarray(row * width, (row + 1) * width), row * tokens * headDim + column);
    }
    column += width;
  }
  return { shape: [layers, two, heads, tokens, headDim], data };
}

export const toTensor = ({ dims, data }: WireTensor): Tensor => ({ shape: dims, data: data as Float32Array });
