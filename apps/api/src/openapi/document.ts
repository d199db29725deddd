import * as contracts from '@atelier/contracts';
import { ERRORS, ErrorBody, type ErrorCode } from '@atelier/contracts';
import { z } from 'zod';
import type { AnswerDefinition, Route } from '../http/route.js';

type Json = Record<string, unknown>;

/** Schemas that appear under `components/schemas` with their own names; all others are written out in place. */
const NAMED = {
  ImageGenerationBody: contracts.ImageGenerationBody,
  ImageResponse: contracts.ImageResponse,
  JobBody: contracts.JobBody,
  Job: contracts.Job,
  JobList: contracts.JobList,
  JobStreamEvent: contracts.JobStreamEvent,
  EventLogEntry: contracts.EventLogEntry,
  ModelInfo: contracts.ModelInfo,
  ModelList: contracts.ModelList,
  OperationsSnapshot: contracts.OperationsSnapshot,
  Warning: contracts.Warning,
  ErrorBody,
} as const;

/** Codes that every route may answer, and those that a key guards. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  'not_found',
  'method_not_allowed',
  'store_unavailable',
  'blob_store_unavailable',
  'internal_error',
];
const BODY_ERRORS: readonly ErrorCode[] = ['invalid_json', 'unsupported_media_type', 'body_too_large'];

/** In `open` mode a key may be given and is not looked at. */
const SECURITY = { tenant: [{}, { apiKey: [] }], none: [], admin: [{ adminToken: [] }] } as const;

/** The OpenAPI 3.1 document of the routes, written from the same schemas that validate requests. */
export function openApiDocument(routes: readonly Route[], version: string): Json {
  const schemas = new SchemaWriter();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([^/]+)/g, '{$1}').replace('*', '{key}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Atelier',
      version,
      description: 'Draws and edits images. Images follow OpenAI, jobs are resumable and idempotent.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        adminToken: { type: 'http', scheme: 'bearer', description: 'From `server.json` in the data folder.' },
        apiKey: { type: 'http', scheme: 'bearer', description: 'Needed in `keys` mode only: `atl_...`.' },
      },
      schemas: schemas.components(),
    },
    'x-error-codes': Object.fromEntries(
      Object.entries(ERRORS).map(([code, { status, retryable, sentence }]) => [code, { status, retryable, sentence }]),
    ),
  };
}

function operationOf(route: Route, schemas: SchemaWriter): Json {
  const parameters = [
    ...parametersOf(route.params, 'path', schemas),
    ...parametersOf(route.query, 'query', schemas),
    ...(route.headers ?? []).map(({ name, description }) => ({
      name,
      in: 'header',
      description,
      schema: { type: 'string' },
    })),
  ];
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    security: SECURITY[route.auth],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: { required: true, content: requestContent(route.body, schemas) } } : {}),
    responses: { ...successes(route.answers, schemas), ...failures(route, schemas) },
  };
}

function requestContent(body: NonNullable<Route['body']>, schemas: SchemaWriter): Json {
  const schema = schemas.write(body.schema, 'input');
  if (body.kind === 'json') return { 'application/json': { schema } };
  const files = Object.fromEntries(
    body.files.map((name) => [name, { type: 'string', contentMediaType: 'application/octet-stream' }]),
  );
  return {
    ...(body.json ? { 'application/json': { schema: schemas.write(body.json, 'input') } } : {}),
    'multipart/form-data': { schema: { allOf: [schema, { type: 'object', properties: files }] } },
  };
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query', schemas: SchemaWriter): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemas.write(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name: name === '*' ? 'key' : name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

const successes = (answers: Route['answers'], schemas: SchemaWriter): Json =>
  Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [
      status,
      { description: answer.description, ...contentOf(answer, schemas) },
    ]),
  );

function contentOf({ schema, contentType }: AnswerDefinition, schemas: SchemaWriter): Json {
  if (!schema && !contentType) return {};
  const media = schema ? { schema: schemas.write(schema, 'output') } : {};
  return { content: { [contentType ?? 'application/json']: media } };
}

/** One response per status; the codes that share it are listed in its description. */
function failures(route: Route, schemas: SchemaWriter): Json {
  const codes = new Set<ErrorCode>([
    ...route.errors,
    ...COMMON_ERRORS,
    ...(route.body ? BODY_ERRORS : []),
    ...(route.auth === 'none' ? [] : (['unauthorized'] as const)),
  ]);
  const byStatus = Map.groupBy(codes, (code) => ERRORS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      status,
      {
        description: list.map((code) => `\`${code}\`: ${ERRORS[code].sentence}`).join('\n\n'),
        content: { 'application/json': { schema: schemas.write(ErrorBody, 'output') } },
      },
    ]),
  );
}

/** Writes zod schemas as JSON Schema 2020-12, with references to the named ones. */
class SchemaWriter {
  private readonly names = new Map<z.ZodType, string>(
    Object.entries(NAMED).map(([name, schema]) => [schema as z.ZodType, name]),
  );

  write(schema: z.ZodType, io: 'input' | 'output'): Json {
    const name = this.names.get(schema);
    return name ? { $ref: `#/components/schemas/${name}` } : this.inPlace(schema, io);
  }

  components(): Json {
    return Object.fromEntries(
      Object.entries(NAMED).map(([name, schema]) => [
        name,
        this.inPlace(schema, name.endsWith('Body') ? 'input' : 'output'),
      ]),
    );
  }

  private inPlace(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
      io,
      target: 'draft-2020-12',
      unrepresentable: 'any',
      reused: 'inline',
    }) as Json;
    return json;
  }
}
