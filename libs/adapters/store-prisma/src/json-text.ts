/**
 * JSON as PostgreSQL takes it. JSON carries U+0000 and lone surrogates, PostgreSQL's text cannot: they become U+FFFD,
 * so that no prompt, however odd, makes a write fail.
 */
export const jsonText = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'null';
  // JSON.stringify escapes as \uXXXX only control characters and lone surrogates.
  return text.includes('\\u')
    ? JSON.stringify(value, (_key, item) => (typeof item === 'string' ? plain(item) : item))
    : text;
};

export const plainText = (text: string | null): string | null => (text === null ? null : plain(text));

const plain = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\uFFFD');
