/** A piece of a prompt. `start` and `end` are offsets in the neutralised text. */
export interface Token {
  readonly kind: 'word' | 'chinese' | 'emoji' | 'comma' | 'stop' | 'quote';
  /** Lower case; for Chinese a whole run of characters. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Joined to the token before it by a hyphen. */
  readonly hyphenated: boolean;
}

const LAYOUT_TOKEN = /<\s*\/?\s*[a-z][a-z0-9:_-]{0,40}\s*\/?\s*>/giu;

export interface NeutralisedText {
  readonly text: string;
  /** Control tokens of the caption language that were taken out, in the order of the text. */
  readonly removed: readonly string[];
}

/**
 * Text that cannot steer the model by its own control tokens: compatibility forms are folded first (so that full-width
 * brackets count), then `<...>` tokens and every remaining bracket and invisible character become spaces.
 */
export function neutralise(prompt: string): NeutralisedText {
  const removed: string[] = [];
  const folded = prompt.normalize('NFKC').replace(/[\u2018\u2019\u02bc`´]/gu, "'");
  const text = folded
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, (character) =>
      character === '\n' || character === '\u200d' ? character : ' ',
    )
    .replace(LAYOUT_TOKEN, (token) => {
      removed.push(token);
      return ' ';
    })
    .replace(/[<>]/gu, ' ');
  return { text, removed };
}

const PATTERN = new RegExp(
  [
    String.raw`(?<link>(?:https?:\/\/|www\.)[^\s]+)`,
    String.raw`(?<slash>\bw\/o?(?![\p{L}]))`,
    String.raw`(?<word>[[\p{L}\p{Nd}]--\p{Script=Han}]+(?:'\p{L}+)?)`,
    String.raw`(?<chinese>\p{Script=Han}+)`,
    String.raw`(?<emoji>\p{RGI_Emoji}|\p{Extended_Pictographic}\ufe0f?)`,
    String.raw`(?<stop>[.!?。;\n…]+)`,
    String.raw`(?<comma>[,、:\(\)\[\]\{\}\|\/·—–]|\s-+\s)`,
    String.raw`(?<quote>["“”«»「」『』]+|(?<=\s|^)'|'(?=\s|$))`,
    '(?<plus>[&+])',
  ].join('|'),
  'gv',
);

/** Cuts a neutralised text into words, runs of Chinese, emoji and punctuation. */
export function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(PATTERN)) {
    const groups = match.groups as Record<string, string | undefined>;
    const start = match.index;
    const raw = match[0];
    const token = (kind: Token['kind'], value: string, from = start, length = raw.length): void => {
      const hyphenated = from > 0 && /[-‐‑]/u.test(text[from - 1]!) && from > 1 && /\S/u.test(text[from - 2]!);
      tokens.push({ kind, text: value, start: from, end: from + length, hyphenated });
    };
    if (groups.link !== undefined) token('comma', ',');
    else if (groups.slash !== undefined) token('word', raw.toLowerCase() === 'w/o' ? 'without' : 'with');
    else if (groups.word !== undefined) word(raw.toLowerCase(), start, token);
    else if (groups.chinese !== undefined) token('chinese', simplified(raw));
    else if (groups.emoji !== undefined) token('emoji', raw.replace(/[\ufe0e\ufe0f]/gu, ''));
    else if (groups.stop !== undefined) token(isDecimalPoint(text, start, raw) ? 'comma' : 'stop', raw);
    else if (groups.comma !== undefined) token('comma', raw);
    else if (groups.quote !== undefined) token('quote', raw);
    else token('word', 'and');
  }
  return tokens;
}

const isDecimalPoint = (text: string, at: number, raw: string): boolean =>
  raw === '.' && /\d/u.test(text[at - 1] ?? '') && /\d/u.test(text[at + 1] ?? '');

/** "dog's" is two tokens, "don't" is one; "x3" and "3x" count. */
function word(
  raw: string,
  start: number,
  emit: (kind: Token['kind'], value: string, from?: number, length?: number) => void,
): void {
  const apostrophe = raw.indexOf("'");
  if (apostrophe > 0 && !raw.endsWith("n't")) {
    emit('word', raw.slice(0, apostrophe), start, apostrophe);
    emit('word', raw.slice(apostrophe + 1), start + apostrophe, raw.length - apostrophe);
    return;
  }
  emit('word', raw);
}

/** Traditional characters of the words this stage knows, and their simplified forms. */
const TRADITIONAL =
  '紅红蘋苹貓猫藍蓝綠绿黃黄車车樹树鴨鸭龜龟氣气機机飛飞邊边後后裡里裏里個个隻只兩两條条輛辆張张畫画場场雞鸡魚鱼鳥鸟馬马蟲虫貝贝禮礼傘伞鯨鲸龍龙單单沒没無无與与還还灘滩陽阳點点這这給给請请幫帮風风閃闪圖图間间著着從从葉叶燈灯橋桥獅狮豬猪猴猴鵝鹅蘿萝蔔卜麵面飯饭湯汤壺壶門门開开聲声電电話话書书舊旧長长頸颈氈毡罈坛員员寬宽窄窄顏颜淺浅銀银純纯顆颗艘艘頂顶頭头棟栋臺台檯台桌桌廚厨內内區区鄉乡莊庄鎮镇園园關关於于樣样別别來来對对過过時时夢梦晝昼曉晓傍傍霞霞雲云陰阴靜静動动熱热溫温愛爱歡欢樂乐為为應应會会說说讓让將将帶带騎骑蹲蹲躺躺趴趴遠远近近側侧麼么們们幾几雙双隻只漢汉堡堡鳳凤梨梨蓋盖籃篮棕棕櫚榈椰椰輪轮帳帐篷篷駱骆駝驼摩摩潔洁亮亮';
const SIMPLIFIED = new Map<string, string>();
{
  const characters = [...TRADITIONAL];
  for (let i = 0; i + 1 < characters.length; i += 2) SIMPLIFIED.set(characters[i]!, characters[i + 1]!);
}

function simplified(text: string): string {
  let out = '';
  for (const character of text) out += SIMPLIFIED.get(character) ?? character;
  return out;
}
