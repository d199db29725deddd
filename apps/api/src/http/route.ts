import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorCode, TenantId } from '@atelier/contracts';
import type { z } from 'zod';
import type { ApiDeps } from '../api-deps.js';

/**
 * One route: what it accepts, what it answers, and the handler. The same object validates requests, registers the
 * route and writes its part of the OpenAPI document, so the three cannot differ.
 */
export interface Route<P = unknown, Q = unknown, B = unknown> {
  readonly method: 'GET' | 'POST';
  /** Fastify notation: `/v1/jobs/:id`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: 'Images' | 'Jobs' | 'Models' | 'Operations' | 'Service' | 'Administration';
  readonly summary: string;
  readonly description?: string;
  /** `tenant`: needs a key in `keys` mode. `none`: public, or guarded by a signature. `admin`: the data folder's token. */
  readonly auth: 'tenant' | 'none' | 'admin';
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly headers?: readonly HeaderParameter[];
  readonly body?: BodyDefinition<B>;
  readonly answers: Readonly<Record<number, AnswerDefinition>>;
  /** Codes beyond those that every route may answer. */
  readonly errors: readonly ErrorCode[];
  handle(context: RouteContext<P, Q, B>): Promise<Answer>;
}

export type BodyDefinition<B> =
  | { readonly kind: 'json'; readonly schema: z.ZodType<B>; readonly optional?: boolean }
  | {
      readonly kind: 'multipart';
      readonly schema: z.ZodType<B>;
      readonly files: readonly string[];
      /** Taken as well, for callers that name their pictures instead of sending them. */
      readonly json?: z.ZodType<B>;
    };

export interface HeaderParameter {
  readonly name: string;
  readonly description: string;
}

export interface AnswerDefinition {
  readonly description: string;
  /** Absent: no body, or one that JSON Schema cannot describe. */
  readonly schema?: z.ZodType;
  /** @default application/json */
  readonly contentType?: string;
}

export interface RouteContext<P = unknown, Q = unknown, B = unknown> {
  readonly deps: ApiDeps;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** The body before validation: tells which fields nobody knows. */
  readonly rawBody: unknown;
  readonly files: readonly UploadedFile[];
  readonly headers: IncomingHttpHeaders;
  readonly tenantId: TenantId;
  readonly requestId: string;
  /** Scheme and authority under which the caller reached us; links in answers begin with it. */
  readonly origin: string;
  /** Aborts when the caller hangs up. */
  readonly signal: AbortSignal;
}

export interface UploadedFile {
  readonly field: string;
  readonly filename: string;
  readonly bytes: Uint8Array;
}

export type Answer =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly bytes?: Uint8Array;
    }
  | {
      readonly status: 200;
      readonly headers: Readonly<Record<string, string>>;
      /** Chunks are written as they come; the head goes out at once. */
      readonly stream: AsyncIterable<string>;
    };

/** Keeps the types of params, query and body inside the definition and gives back the untyped route. */
export const defineRoute = <P = unknown, Q = unknown, B = unknown>(route: Route<P, Q, B>): Route => route as Route;
