import { expect, it } from 'vitest';
import { jsonText, plainText } from './json-text.js';

it('replaces what PostgreSQL cannot store and leaves every other character alone', () => {
  const texts = ['a\u0000b', 'half \ud83d pair', 'whole 🐕', 'back\\u0000slash', 'tab\tnew\nline \u001f', '苹果'];
  expect(JSON.parse(jsonText({ texts, nested: { deep: ['\u0000'] } }))).toEqual({
    texts: ['a\uFFFDb', 'half \uFFFD pair', 'whole 🐕', 'back\\u0000slash', 'tab\tnew\nline \u001f', '苹果'],
    nested: { deep: ['\uFFFD'] },
  });
  expect(plainText('a\u0000')).toBe('a\uFFFD');
});
