import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AtelierClient, createClient, type ImageGenerationBody } from '@atelier/client-sdk';
import { type EmbeddedPlatform, startEmbedded } from '@atelier/embedded';

/** Thrown when what would be measured does not do what it should. */
export class CorrectnessGateError extends Error {
  override readonly name = 'CorrectnessGateError';
}

/** A platform in this process on a fresh data folder, gone afterwards. */
export async function withPlatform<T>(
  weightsDir: string,
  work: (platform: EmbeddedPlatform, client: AtelierClient) => Promise<T>,
): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'atelier-bench-'));
  const platform = await startEmbedded({ dataDir, weightsDir, selfCheck: false });
  try {
    return await work(platform, createClient({ baseUrl: platform.url }));
  } finally {
    await platform.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The same seed must give the same bytes and another seed other ones, or nothing is worth measuring. */
export async function correctnessGate(
  client: AtelierClient,
  body: ImageGenerationBody & { seed: number },
): Promise<void> {
  const hashOf = async (seed: number): Promise<string> => {
    const { data } = await client.drawImages({ ...body, seed });
    const bytes = await client.downloadImage(data[0]?.url as string);
    return createHash('sha256').update(bytes).digest('hex');
  };
  const [first, again, other] = [await hashOf(body.seed), await hashOf(body.seed), await hashOf(body.seed + 1)];
  if (first !== again) throw new CorrectnessGateError('the same seed gave other bytes');
  if (first === other) throw new CorrectnessGateError('two seeds gave the same bytes');
}
