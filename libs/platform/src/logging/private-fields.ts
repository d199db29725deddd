const PRIVATE_FIELDS = new Set(
  ['prompt', 'prompts', 'negativePrompt', 'expanded', 'original', 'caption', 'phrase', 'input', 'value', 'body']
    .concat(['authorization', 'cookie', 'apiKey', 'key_hash', 'keyHash', 'secret', 'password', 'signature', 'token'])
    .map(normalise),
);
const DEPTH_LIMIT = 6;

/**
 * A copy of log fields without what users wrote and without secrets, at any depth. It goes by field names, so that
 * passing a whole request or message by mistake stays harmless; a prompt inside a message string it cannot see.
 */
export function withoutPrivateFields(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_LIMIT) return '[deeper]';
  if (value instanceof Error) return describeError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => withoutPrivateFields(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      PRIVATE_FIELDS.has(normalise(name)) ? '[private]' : withoutPrivateFields(field, depth + 1),
    ]),
  );
}

function describeError(error: Error, depth: number): unknown {
  const { name, message, stack, cause, ...fields } = error;
  return {
    type: name,
    message,
    stack,
    ...(cause === undefined ? {} : { cause: withoutPrivateFields(cause, depth + 1) }),
    ...(withoutPrivateFields({ ...fields }, depth + 1) as object),
  };
}

/** `negative_prompt`, `negativePrompt` and `Negative-Prompt` are one field. */
function normalise(name: string): string {
  return name.replace(/[-_]/g, '').toLowerCase();
}
