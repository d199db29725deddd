/** Shades and objects that name a colour -> the colour ids to try, nearest first. */
export const SHADES: Readonly<Record<string, string>> = {
  red: 'crimson, scarlet, ruby, maroon, burgundy, vermilion, cherry red, blood red, brick red, wine red, tomato red, reddish, 大红, 深红, 暗红, 浅红, 鲜红, 朱红, 枣红, 酒红, 赤色, 红彤彤, 红通通',
  orange: 'amber, tangerine, apricot, burnt orange, coral, orangey, 橘, 橙, 橘红, 橙红, 橘黄, 橙黄, 桔色, 桔黄, 珊瑚色',
  yellow:
    'gold, golden, lemon yellow, mustard, canary yellow, yellowish, blond, blonde, 金色, 金黄, 金, 鹅黄, 柠檬黄, 明黄, 浅黄, 淡黄, 土黄, 深黄, 黄澄澄',
  green:
    'emerald, lime green, olive green, mint green, forest green, grass green, sea green, jade, greenish, 翠绿, 碧绿, 墨绿, 草绿, 浅绿, 深绿, 嫩绿, 淡绿, 暗绿, 军绿, 薄荷绿, 绿油油',
  cyan: 'turquoise, teal, aqua, aquamarine, cyan blue, 青绿, 蓝绿, 湖蓝, 青',
  blue: 'navy, navy blue, azure, cobalt, cobalt blue, indigo, sky blue, royal blue, baby blue, sapphire, ocean blue, blueish, bluish, 深蓝, 浅蓝, 天蓝, 海蓝, 宝蓝, 藏青, 湛蓝, 蔚蓝, 淡蓝, 暗蓝, 靛蓝, 蓝蓝',
  purple:
    'lavender, lilac, mauve, plum, magenta, violet, amethyst, purplish, 浅紫, 深紫, 淡紫, 紫红, 紫罗兰色, 薰衣草色',
  pink: 'rose pink, hot pink, fuchsia, salmon pink, baby pink, blush pink, rosy, pinkish, 粉, 粉红, 桃红, 桃色, 玫红, 玫瑰色, 浅粉, 粉嫩, 粉粉',
  white:
    'snow white, snowy white, ivory, cream, cream coloured, pearl white, off white, whitish, 雪白, 纯白, 洁白, 米白, 乳白, 奶白, 白白',
  grey: 'gray, silver, charcoal grey, ash grey, greyish, grayish, 银色, 银灰, 浅灰, 深灰, 银白',
  black: 'jet black, pitch black, ebony, blackish, 漆黑, 乌黑, 纯黑, 黑黑',
  brown:
    'tan, beige, chestnut, bronze, khaki, caramel, chocolate brown, brownish, 棕, 棕色, 褐色, 咖啡色, 米色, 茶色, 卡其色, 古铜色, 棕褐色',
};

/** Colours tried in turn when the asked one is not to be had. */
export const NEAREST_COLOURS: Readonly<Record<string, readonly string[]>> = {
  red: ['pink', 'orange'],
  orange: ['yellow', 'red'],
  yellow: ['orange'],
  green: ['cyan'],
  cyan: ['blue', 'green'],
  blue: ['cyan', 'purple'],
  purple: ['blue', 'pink'],
  pink: ['red', 'purple'],
  white: ['grey'],
  grey: ['white'],
  black: [],
  brown: ['orange'],
};

/** Base words in both languages, for weights whose palette is smaller than what people name. */
export const BASE_COLOURS: Readonly<Record<string, string>> = {
  red: 'red, 红色, 红',
  orange: 'orange, 橙色, 橘色',
  yellow: 'yellow, 黄色, 黄',
  green: 'green, 绿色, 绿',
  cyan: 'cyan, 青色',
  blue: 'blue, 蓝色, 蓝',
  purple: 'purple, 紫色, 紫',
  pink: 'pink, 粉色, 粉红色',
  white: 'white, 白色, 白',
  grey: 'grey, gray, 灰色, 灰',
  black: 'black, 黑色, 黑',
  brown: 'brown, 棕色, 褐色',
};

/** Colours that things have anyway: asking for them changes nothing. */
export const NATURAL_COLOURS: Readonly<Record<string, readonly string[]>> = {
  dog: ['brown'],
  cat: ['orange', 'brown'],
  'teddy-bear': ['brown'],
  camel: ['brown'],
  rabbit: ['brown', 'grey', 'white'],
  elephant: ['grey'],
  penguin: ['black'],
  robot: ['grey'],
  'flying-saucer': ['grey'],
  'hot-beverage': ['brown', 'white'],
  guitar: ['brown'],
  castle: ['grey'],
  'soccer-ball': ['black', 'white'],
  duck: ['brown', 'green'],
  turtle: ['green'],
  hamburger: ['brown'],
  'deciduous-tree': ['green'],
  'evergreen-tree': ['green'],
  'palm-tree': ['green'],
  cactus: ['green'],
  bus: ['yellow'],
  banana: ['yellow'],
  sunflower: ['yellow'],
  giraffe: ['yellow', 'orange'],
  whale: ['blue'],
  crab: ['red'],
  'red-apple': ['red'],
  'fire-engine': ['red'],
  'jack-o-lantern': ['orange'],
  'snowman-without-snow': ['white'],
  pineapple: ['yellow'],
  sailboat: ['white'],
  airplane: ['white'],
  rocket: ['white'],
  'ferris-wheel': [],
};

/** A shade is no colour of its own in an instruction: light blue is blue. */
export const SHADE_WORDS: ReadonlySet<string> = new Set('light dark bright deep pale soft vivid'.split(' '));
