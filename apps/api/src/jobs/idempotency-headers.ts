import type { HeaderParameter } from '../http/route.js';

export const IDEMPOTENCY_HEADERS: readonly HeaderParameter[] = [
  {
    name: 'Idempotency-Key',
    description: 'Any text of 1 to 255 characters. A second request with the same key and body gets the same job.',
  },
];
