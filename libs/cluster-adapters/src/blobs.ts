import { S3BlobStore } from '@atelier/blob-s3';
import type { PlatformEnv, ServiceContext } from '@atelier/platform';
import type { Configured } from './configured.js';

/** The bucket is there once it resolves. Only one process at a time should call `sweep`. */
export async function openBlobs(
  env: PlatformEnv & Configured<'ATELIER_S3_ENDPOINT' | 'ATELIER_S3_ACCESS_KEY' | 'ATELIER_S3_SECRET_KEY'>,
  { clock, closers }: ServiceContext,
): Promise<S3BlobStore> {
  const blobs = new S3BlobStore({
    endpoint: env.ATELIER_S3_ENDPOINT,
    region: env.ATELIER_S3_REGION,
    bucket: env.ATELIER_S3_BUCKET,
    credentials: { accessKeyId: env.ATELIER_S3_ACCESS_KEY, secretAccessKey: env.ATELIER_S3_SECRET_KEY },
    clock,
  });
  closers.add(async () => blobs.close());
  await blobs.ensureBucket();
  return blobs;
}
