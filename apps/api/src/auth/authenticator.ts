import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { DEFAULT_TENANT_ID, type TenantId } from '@atelier/contracts';
import type { GenerationStore } from '@atelier/ports';
import { ApiError } from '../http/api-error.js';

/** Says whose request it is, or throws `unauthorized`. */
export type Authenticator = (headers: IncomingHttpHeaders) => Promise<TenantId>;

/** `ATELIER_AUTH=open`: everyone is the default tenant. Only for a server that listens on loopback. */
export const openAuthenticator: Authenticator = async () => DEFAULT_TENANT_ID;

const API_KEY = /^atl_[A-Za-z0-9_-]{32,64}$/;

/** `ATELIER_AUTH=keys`: `Authorization: Bearer atl_...`, looked up by the sha256 of the key. */
export const keyAuthenticator =
  (store: GenerationStore): Authenticator =>
  async (headers) => {
    const key = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
    const tenantId = key && API_KEY.test(key) ? await store.resolveApiKey(hashApiKey(key)) : null;
    if (tenantId === null) throw new ApiError('unauthorized', { headers: { 'www-authenticate': 'Bearer' } });
    return tenantId;
  };

/** 192 random bits; shown once and stored as a hash only. */
export const newApiKey = (): string => `atl_${randomBytes(24).toString('base64url')}`;

/** A plain hash suffices: the key is random, so there is nothing to guess faster than the key itself. */
export const hashApiKey = (key: string): string => createHash('sha256').update(key).digest('hex');
