import { z } from 'zod';

const prefixed = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9a-z]{20,32}$`));

/** Public ids are a prefix and a lower-case ULID: sortable by time, safe in a path, recognisable in a log. */
export const GenerationId = prefixed('gen');
export const RunId = prefixed('run');
export const TenantId = z.string().regex(/^ten_[0-9a-z-]{1,40}$/);
export const WorkerId = z.string().min(1).max(120);
export type GenerationId = z.infer<typeof GenerationId>;
export type RunId = z.infer<typeof RunId>;
export type TenantId = z.infer<typeof TenantId>;
export type WorkerId = z.infer<typeof WorkerId>;

/** The tenant of a laptop in `open` mode. */
export const DEFAULT_TENANT_ID: TenantId = 'ten_default';

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A finished object in the blob store. Messages carry references, never bytes. */
export const BlobRef = z.object({
  key: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._\-/]*$/),
  bytes: z.number().int().nonnegative(),
  sha256: Sha256,
  contentType: z.string().min(1).max(100),
});
export type BlobRef = z.infer<typeof BlobRef>;
