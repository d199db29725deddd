/** "a story in 3 pictures, flat style: ..." */
const HEAD =
  /^\s*([^:：;；\n]*(?:story|stories|storyboard|comic|frames?|panels?|pictures|故事|漫画|分镜)[^:：;；\n]*)[:：]\s*/iu;
const HEAD_WORDS =
  /\b(?:a|an|the|draw|make|short|little)?\s*(?:story|storyboard|comic)(?: strip)?\s*(?:in|of|with)?\s*(?:\w+)?\s*(?:pictures|frames|panels)?|[一二两三四2-4]*(?:格|幅|张)?(?:的)?(?:故事|漫画|分镜)/giu;
const NUMBER = /(?:^|[\s;；,，.。\n])\(?[1-9][.)、．:：](?=\s|\p{L})\s*/gu;

/**
 * The frames of a story told in one text: "1. a dog on a meadow 2. the dog meets a cat", or sentences between
 * semicolons or line ends. What the head says beyond "a story in 3 pictures:" (a style) is said of the first frame.
 */
export function storyFrames(text: string): string[] {
  const head = HEAD.exec(text);
  const body = head ? text.slice(head[0].length) : text;
  const numbered = [...` ${body}`.matchAll(NUMBER)].length > 1;
  const frames = (numbered ? ` ${body}`.split(NUMBER) : body.split(/[;；\n]+|\s->\s|→/u))
    .map((frame) => frame.replace(/^[\s;；,，]+|[\s;；,，]+$/gu, ''))
    .filter((frame) => frame !== '');
  const rest = (head?.[1] ?? '')
    .replace(HEAD_WORDS, ' ')
    .replace(/^[\s,，]+|[\s,，]+$/gu, '')
    .replace(/\s+/gu, ' ');
  if (rest !== '' && frames[0] !== undefined) frames[0] = `${frames[0]}, ${rest}`;
  return frames.length > 0 ? frames : [text];
}
