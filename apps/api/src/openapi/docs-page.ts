type Json = Record<string, unknown>;

/** A page of documentation without scripts and without anything from elsewhere, rendered from the OpenAPI document. */
export function docsPage(document: Json): string {
  const info = document.info as { title: string; version: string; description: string };
  const operations = operationsOf(document);
  const tags = [...new Set(operations.map(({ operation }) => (operation.tags as string[])[0] as string))];
  const navigation = tags.map((tag) => `<a href="#${escapeHtml(tag)}">${escapeHtml(tag)}</a>`).join('');
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => (operation.tags as string[])[0] === tag);
    return `<h2 id="${escapeHtml(tag)}">${escapeHtml(tag)}</h2>${own.map(renderOperation).join('')}`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(info.title)} API</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head><body>
<header><h1>${escapeHtml(info.title)} API <small>${escapeHtml(info.version)}</small></h1><p>${escapeHtml(info.description)}</p>
<nav>${navigation}<a href="#errors">Errors</a><a href="#schemas">Schemas</a><a href="/openapi.json">openapi.json</a></nav></header>
<main>${EXAMPLE}${sections.join('')}${renderErrors(document)}${renderSchemas(document)}</main></body></html>`;
}

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: Json;
}

const operationsOf = (document: Json): Operation[] =>
  Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );

function renderOperation({ path, method, operation }: Operation): string {
  const parameters = (operation.parameters ?? []) as { name: string; in: string; description?: string; schema: Json }[];
  const responses = Object.entries(operation.responses as Record<string, { description: string; content?: Json }>);
  const body = operation.requestBody as { content: Record<string, { schema: Json }> } | undefined;
  const rows = parameters.map(
    (parameter) =>
      `<tr><td><code>${escapeHtml(parameter.name)}</code></td><td>${parameter.in}</td><td>${escapeHtml(typeOf(parameter.schema))}</td><td>${text(parameter.description ?? '')}</td></tr>`,
  );
  return `<details id="${escapeHtml(String(operation.operationId))}"><summary><b class="${method}">${method}</b> <code>${escapeHtml(path)}</code> <span>${escapeHtml(String(operation.summary))}</span></summary>
${operation.description ? `<p>${text(String(operation.description))}</p>` : ''}
${rows.length > 0 ? `<table><tr><th>Parameter</th><th>In</th><th>Type</th><th></th></tr>${rows.join('')}</table>` : ''}
${
  body
    ? Object.entries(body.content)
        .map(([type, media]) => `<h4>Body <small>${escapeHtml(type)}</small></h4>${renderSchema(media.schema)}`)
        .join('')
    : ''
}
<h4>Answers</h4><table>${responses.map(([status, answer]) => `<tr><td><b>${status}</b></td><td>${text(answer.description)}</td><td>${renderContent(answer.content)}</td></tr>`).join('')}</table></details>`;
}

function renderContent(content: Json | undefined): string {
  if (!content) return '';
  return Object.entries(content as Record<string, { schema?: Json }>)
    .map(([type, { schema }]) => `<small>${escapeHtml(type)}</small> ${schema ? refLink(schema) : ''}`)
    .join('<br>');
}

const refLink = (schema: Json): string => {
  const name = refName(schema);
  return name ? `<a href="#schema-${name}">${name}</a>` : '';
};

const refName = (schema: Json): string | null =>
  typeof schema.$ref === 'string' ? (schema.$ref.split('/').pop() as string) : null;

const renderSchema = (schema: Json): string =>
  refLink(schema) || `<pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre>`;

function typeOf(schema: Json): string {
  const name = refName(schema);
  if (name) return name;
  const choices = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (choices) return [...new Set(choices.map(typeOf))].join(' | ');
  if (Array.isArray(schema.enum)) return schema.enum.map(String).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === 'array') return `list of ${typeOf((schema.items ?? {}) as Json)}`;
  return `${schema.type ?? 'any'}${boundsOf(schema)}`;
}

function boundsOf({ minimum, maximum, maxLength }: Json): string {
  if (typeof maxLength === 'number') return `, at most ${maxLength} characters`;
  const isBound = (value: unknown) => typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  if (isBound(minimum) && isBound(maximum)) return ` ${minimum} to ${maximum}`;
  if (isBound(minimum)) return ` from ${minimum}`;
  return isBound(maximum) ? ` to ${maximum}` : '';
}

function renderErrors(document: Json): string {
  const codes = document['x-error-codes'] as Record<string, { status: number; retryable: boolean; sentence: string }>;
  const rows = Object.entries(codes).map(
    ([code, { status, retryable, sentence }]) =>
      `<tr id="error-${code}"><td><code>${code}</code></td><td>${status}</td><td>${retryable ? 'yes' : 'no'}</td><td>${escapeHtml(sentence)}</td></tr>`,
  );
  return `<h2 id="errors">Errors</h2><p>Every error body has this form: <a href="#schema-ErrorBody">ErrorBody</a>.</p>
<table><tr><th>Code</th><th>Status</th><th>Try again?</th><th>Meaning</th></tr>${rows.join('')}</table>`;
}

function renderSchemas(document: Json): string {
  const { schemas } = document.components as { schemas: Record<string, Json> };
  // The anchor lies inside: browsers open a closed block when a link leads to something in it.
  const blocks = Object.entries(schemas).map(
    ([name, schema]) =>
      `<details><summary><code>${name}</code></summary><div id="schema-${name}">${renderFields(schema)}<details><summary>JSON Schema</summary><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre></details></div></details>`,
  );
  return `<h2 id="schemas">Schemas</h2>${blocks.join('')}`;
}

function renderFields(schema: Json): string {
  const properties = schema.properties as Record<string, Json> | undefined;
  if (!properties) return '';
  const required = new Set((schema.required as string[] | undefined) ?? []);
  const rows = Object.entries(properties).map(
    ([name, property]) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(typeOf(property))}</td><td>${required.has(name) ? 'always' : ''}</td></tr>`,
  );
  return `<table><tr><th>Field</th><th>Type</th><th>Required</th></tr>${rows.join('')}</table>`;
}

const escapeHtml = (value: string): string => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Descriptions use backticks for code and blank lines for paragraphs, nothing else. */
const text = (value: string): string =>
  escapeHtml(value)
    .replace(/&#96;|`([^`]*)`/g, '<code>$1</code>')
    .replace(/\n\n/g, '<br>');

const EXAMPLE = `<h2>In one line</h2><pre>curl -s localhost:7878/v1/images/generations -H 'content-type: application/json' \\
  -d '{"prompt": "a red apple to the left of a dog", "seed": 7}'</pre>`;

const STYLE = `:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:62rem;padding:1rem 1.25rem 4rem}
h1 small,h4 small{font-weight:400;opacity:.6}nav a{margin-right:1rem}h2{margin-top:2.2rem}
details{border:1px solid var(--line);border-radius:8px;margin:.5rem 0;padding:.5rem .8rem}
summary{cursor:pointer}summary span{opacity:.75}summary b{display:inline-block;min-width:3.2rem}
.POST{color:#b4540a}.GET{color:#0a7d4b}table{border-collapse:collapse;width:100%}
td,th{border-top:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top}
pre{background:var(--soft);border-radius:6px;overflow:auto;padding:.7rem}code{font-family:ui-monospace,monospace;font-size:.92em}`;
