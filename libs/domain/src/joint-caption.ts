/** What the network reads for several outputs drawn jointly: `storyboard. <out1> ... <out2> ...`; one output is its caption. */
export function jointCaption(task: string, captions: readonly string[]): string {
  const [only] = captions;
  if (captions.length === 1 && only !== undefined) return only;
  return [`${task}.`, ...captions.map((caption, output) => `<out${output + 1}> ${caption}`)].join(' ');
}
