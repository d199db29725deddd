import type { Lexicon } from '../lexicon/lexicon.js';
import type { PromptReading } from './reading.js';
import { recognise } from './recognise.js';
import { relate } from './relate.js';
import { PromptScan } from './scan.js';

/** What a neutralised prompt says. Never throws: text without meaning gives an empty reading. */
export function interpret(text: string, lexicon: Lexicon): PromptReading {
  const scan = new PromptScan(recognise(text, lexicon));
  relate(scan.items, scan.reading);
  return scan.reading;
}
