import { z } from 'zod';
import { defineRoute } from '../../http/route.js';

const KeyList = z.object({
  object: z.literal('list'),
  data: z.array(z.object({ label: z.string(), created_at: z.number().int(), hash_prefix: z.string() })),
});

export const listKeys = defineRoute({
  method: 'GET',
  path: '/admin/keys',
  operationId: 'listKeys',
  tag: 'Administration',
  summary: "List a tenant's API keys",
  description: 'Shows the beginning of each hash; the keys themselves are not kept.',
  auth: 'admin',
  query: z.object({ tenant: z.string().regex(/^(ten_)?[0-9a-z-]{1,40}$/) }),
  answers: { 200: { description: 'The keys.', schema: KeyList } },
  errors: ['missing_parameter', 'invalid_parameter'],
  async handle({ query, deps }) {
    const tenant = query.tenant.startsWith('ten_') ? query.tenant : `ten_${query.tenant}`;
    const keys = await deps.store.listApiKeys(tenant);
    return {
      status: 200,
      json: {
        object: 'list',
        data: keys.map(({ label, createdAt, keyHashPrefix }) => ({
          label,
          created_at: createdAt,
          hash_prefix: keyHashPrefix,
        })),
      },
    };
  },
});
