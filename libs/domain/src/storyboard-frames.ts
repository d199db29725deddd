const NUMBER = /(?:^|[\s,;；。.:：])(?:\(?(\d{1,2})[.):、）])\s*/gu;
const BREAK = /[;；\n]+/u;

/**
 * The sentences of a story told in one text, picture by picture: behind `1.`, `2.` ... where those count up, else between
 * semicolons or lines. What stands before `1.` belongs to the first. One entry where nothing divides the text.
 */
export function storyboardFrames(text: string): string[] {
  const numbered = byNumbers(text);
  const parts = numbered.length > 1 ? numbered : text.split(BREAK);
  const frames = parts
    .map((part) =>
      part
        .trim()
        .replace(/[;；,，]+$/u, '')
        .trim(),
    )
    .filter((part) => part !== '');
  return frames.length > 0 ? frames : [text];
}

function byNumbers(text: string): string[] {
  const marks = [...text.matchAll(NUMBER)].filter((match, index) => Number(match[1]) === index + 1);
  const lead = text.slice(0, marks[0]?.index ?? 0).trim();
  return marks.map((mark, index) => {
    const sentence = text.slice(mark.index + mark[0].length, marks[index + 1]?.index);
    return index === 0 && lead !== '' ? `${lead} ${sentence}` : sentence;
  });
}
