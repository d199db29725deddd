import { TenantId } from '@atelier/contracts';
import { z } from 'zod';
import { hashApiKey, newApiKey } from '../../auth/authenticator.js';
import { defineRoute } from '../../http/route.js';

const KeyBody = z.object({
  /** `acme` or `ten_acme`; the tenant is made when it does not exist. */
  tenant: z.string().regex(/^(ten_)?[0-9a-z-]{1,40}$/, 'lower-case letters, digits and hyphens, at most 40'),
  label: z.string().max(80).optional(),
  /** Share of the platform relative to other tenants. */
  weight: z.number().min(0.01).max(1000).optional(),
});

export const createKey = defineRoute({
  method: 'POST',
  path: '/admin/keys',
  operationId: 'createKey',
  tag: 'Administration',
  summary: 'Create an API key for a tenant',
  description: 'Guarded by the token in the data folder. The key is shown once: only its hash is stored.',
  auth: 'admin',
  body: { kind: 'json', schema: KeyBody },
  answers: {
    201: { description: 'The key.', schema: z.object({ tenant: TenantId, key: z.string(), label: z.string() }) },
  },
  errors: ['missing_parameter', 'invalid_parameter'],
  async handle({ body, deps }) {
    const tenant = body.tenant.startsWith('ten_') ? body.tenant : `ten_${body.tenant}`;
    const key = newApiKey();
    const label = body.label ?? '';
    await deps.store.createTenant({ id: tenant, weight: body.weight ?? 1, name: body.tenant });
    await deps.store.createApiKey({ tenantId: tenant, keyHash: hashApiKey(key), label });
    return { status: 201, headers: { 'cache-control': 'no-store' }, json: { tenant, key, label } };
  },
});
