/** "a story in 3 pictures, flat style: ..." */
const HEAD =
  /^\s*([^:：;；\n]*(?:story|stories|storyboard|comic|frames?|panels?|pictures|故事|漫画|分镜)[^:：;；\n]*)[:：]\s*/iu;
const HEAD_WORDS =
  /\b(?:a|an|the|draw|make|short|little)?\s*(?:story|storyboard|comic)(?: strip)?\s*(?:in|of|with)?\s*(?:\w+)?\s*(?:pictures|frames|panels)?|[一二两三四2-4]*(?:格|幅|张)?(?:的)?(?:故事|漫画|分镜)/giu;
/** A number is a mark where words follow, so that "1.5" is none. */
const NUMBER = /(?:^|[\s,;；，。.:：])\(?(\d{1,2})[.):、．）：](?=\s|\p{L})\s*/gu;
const BREAK = /[;；\n]+|\s->\s|→/u;
const EDGES = /^[\s;；,，]+|[\s;；,，]+$/gu;

/**
 * The sentences of a story told in one text, picture by picture: behind `1.`, `2.` ... where those count up, else between
 * semicolons, arrows or lines. What stands before `1.` belongs to the first; of a head ("a story in 3 pictures, flat
 * style:") only what it says of the picture, behind the first sentence. One entry where nothing divides the text.
 */
export function storyboardFrames(text: string): string[] {
  const head = HEAD.exec(text);
  const body = head ? text.slice(head[0].length) : text;
  const numbered = byNumbers(body);
  const parts = numbered.length > 1 ? numbered : body.split(BREAK);
  const frames = parts.map((part) => part.replace(EDGES, '')).filter((part) => part !== '');
  const said = (head?.[1] ?? '').replace(HEAD_WORDS, ' ').replace(EDGES, '').replace(/\s+/gu, ' ');
  if (said !== '' && frames[0] !== undefined) frames[0] = `${frames[0]}, ${said}`;
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
