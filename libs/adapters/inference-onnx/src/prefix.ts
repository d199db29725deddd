import {
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
  const caption = captionTokens(request.plans, parts.tokenizer, limits.maxTextTokens);
  const isGuided = request.guidance !== 1 && !guidance.distilled;
  const references = await placeReferences(request, parts);
  const texts = isGuided ? [caption, tokenizer.nullTokenIds] : [caption];
  return Promise.all(texts.map((tokenIds) => holdPrefix(tokenIds, taskId, references, parts.host)));
}

/**
 * Token ids of a request: its caption, or for several outputs each caption behind its `<outN>` mark.
 * @throws InferenceInputError beyond `maxTextTokens`: a caption is never cut silently
 */
export function captionTokens(
  plans: DenoiseRequest['plans'],
  tokenizer: PromptTokenizer,
  maxTextTokens: number,
): number[] {
  const [first] = plans;
  const text =
    plans.length === 1 && first
      ? first.caption
      : plans.map(({ caption }, output) => `<out${output + 1}> ${caption}`).join(' ');
  const ids = tokenizer.encode(text);
  if (ids.length > maxTextTokens) {
    throw new InferenceInputError(`plans: ${ids.length} text tokens, the limit is ${maxTextTokens}`);
  }
  return ids;
}

async function holdPrefix(
  tokenIds: readonly number[],
  taskId: number,
  references: readonly Tensor[],
  host: SessionHost,
): Promise<number> {
  const feeds = {
    token_ids: { dims: [1, tokenIds.length], data: BigInt64Array.from(tokenIds, BigInt) },
    task_id: { dims: [1], data: BigInt64Array.of(BigInt(taskId)) },
  };
  if (references.length === 0) return host.runAndHold('prefix', feeds);
  const { prefix_kv: text } = await host.run('prefix', feeds);
  const { shape, data } = concatenateKv([...references, toTensor(text as WireTensor)]);
  return host.hold({ dims: shape, data });
}

async function placeReferences(request: DenoiseRequest, { engine, host }: PrefixParts): Promise<Tensor[]> {
  if (request.references.length === 0) return [];
  const { graphs, latent } = engine.manifest;
  if (!graphs.referencePlacement) throw new InferenceInputError('references: these weights have no graph for them');
  const [rows, columns] = latentShape(request.size, engine.manifest);
  return Promise.all(
    request.references.map(async ({ kv, weight }, index) => {
      if (weight !== 1) throw new InferenceInputError('references: a weight other than 1 is not supported');
      if (kv.shape[3] !== rows * columns) throw new InferenceInputError('references: encoded at another size');
      const positions = cellPositions([REFERENCE_INDEX_STEP * (index + 1)], rows, columns, latent.frameBins);
      const { placed_kv: placed } = await host.run('referencePlacement', {
        kv: { dims: kv.shape, data: kv.data },
        positions: { dims: [rows * columns, 3], data: positions },
      });
      return toTensor(placed as WireTensor);
    }),
  );
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
