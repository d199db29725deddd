import type { Meaning, Side, SpatialRelation } from './meaning.js';
import type { PhraseTable } from './structure-words.js';

const relation = (name: SpatialRelation): Meaning => ({ kind: 'relation', relation: name });
const side = (name: Side): Meaning => ({ kind: 'side', side: name });
const count = (n: number): Meaning => ({ kind: 'count', count: n });

/** In Chinese the place word follows the thing it refers to; without one it names a part of the frame. */
export const RELATION_PHRASES_ZH: PhraseTable = [
  ['左边, 左侧, 左面, 左方, 左手边, 左边儿, 左旁, 左', relation('left-of')],
  ['右边, 右侧, 右面, 右方, 右手边, 右边儿, 右旁, 右', relation('right-of')],
  ['上方, 上面, 上边, 上空, 头顶, 头上, 顶上, 之上, 正上方, 身上, 背上, 上头, 上', relation('above')],
  ['下方, 下面, 下边, 底下, 之下, 正下方, 脚下, 脚边, 下头, 下', relation('below')],
  ['前面, 前方, 前边, 跟前, 面前, 之前, 正前方, 前头, 门前, 门口, 身前, 前', relation('in-front-of')],
  ['后面, 后方, 后边, 背后, 身后, 之后, 后头, 正后方, 后', relation('behind')],
  ['旁边, 旁, 边上, 身边, 附近, 一旁, 旁侧, 隔壁, 侧面, 一侧, 边', relation('beside')],
  ['之间, 中间', relation('between')],
  ['里, 里面, 里边, 内部, 之中, 里头', relation('inside')],
  ['画面左侧, 画面左边, 最左边, 图片左边, 图左边, 左上角, 左下角, 靠左', side('left')],
  ['画面右侧, 画面右边, 最右边, 图片右边, 图右边, 右上角, 右下角, 靠右', side('right')],
  ['画面中央, 画面中间, 正中间, 正中央, 中央, 图中央, 中心, 当中', side('centre')],
  ['画面上方, 顶部, 最上面, 天上, 天空中, 空中, 天空, 半空中, 天空上, 高空', side('top')],
  ['画面下方, 底部, 最下面', side('bottom')],
  ['前景, 近处, 最前面, 眼前', side('front')],
  ['背景, 背景里, 背景中, 背景是, 远处, 远方, 最后面', side('back')],
];

export const NUMBER_PHRASES_ZH: PhraseTable = [
  ['一, 壹, 单, 仅一', count(1)],
  ['二, 两, 双, 俩, 一对, 一双, 两三, 一两', count(2)],
  ['三, 仨, 几, 好几, 一些, 若干', count(3)],
  ['四, 四五, 三四', count(4)],
  ['五, 六, 七, 八, 九', count(5)],
  ['十, 百, 千, 许多, 很多, 好多, 一群, 一堆, 大量, 成群的, 成群, 一排, 无数, 不少, 多只, 多个', count(9)],
];

export const CLASSIFIERS_ZH =
  '只, 个, 辆, 条, 匹, 头, 棵, 朵, 座, 架, 艘, 把, 枚, 杯, 根, 顶, 件, 张, 本, 束, 台, 间, 栋, 幢, 所, 颗, 块, 份, 串, 盏, 株, 片, 支, 位, 名, 群, 副, 尊, 粒, 壶, 碗, 盘, 瓶, 盆, 口, 扇, 面, 幅, 首, 对, 双, 部, 套, 枝, 扎, 捆, 堆, 盒, 包, 袋, 团, 家, 艇, 轮, 道, 种, 款, 样, 排, 行, 小只, 大只';

export const NEGATION_PHRASES_ZH: PhraseTable = [
  [
    '没有, 没有任何, 没, 别画成, 不要画成, 不要, 不要有, 不要画, 不要出现, 不能有, 不能出现, 不想要, 不需要, 不含, 不包含, 不包括, 不带, 无, 别画, 别有, 别出现, 别加, 别放, 除了, 除去, 而不是, 不是, 不画, 不用画, 不希望有, 不许有, 避免, 去掉, 省略, 请勿, 不出现, 禁止, 不加, 不放, 可别画, 千万别画, 不喜欢, 不想看到, 也不要, 也没有, 并没有, 并不是, 绝对不要, 不可以有, 不要任何, 不准有, 里没有, 上没有',
    { kind: 'negation', reach: 'list' },
  ],
  [
    '都没有, 都不要, 也不要有, 就不要了, 不要了, 就不用了, 不用了, 就别画了, 就算了, 也没, 都没, 都不用, 一律不要, 不要出现在画面里, 不能出现在画面里',
    { kind: 'negation', reach: 'after' },
  ],
  [
    '不错, 不过, 不同, 不断, 没关系, 没问题, 特别, 个别, 不知道, 别忘了, 不要忘了, 不仅, 不但, 不只, 不光, 不管, 不论, 无论, 不得了, 不太, 不用太, 没事, 不好意思, 不要紧, 说不定, 不用着急, 区别, 无聊, 无比, 不小心, 差不多, 了不起, 不停, 不停地, 不用客气, 不要太, 不大, 不小, 不高, 无所谓, 没想好, 不一样, 不一会儿, 要不, 要不要, 是不是, 有没有, 能不能, 可不可以, 不少于',
    { kind: 'affirmation' },
  ],
];

export const SIMILE_PHRASES_ZH: PhraseTable = [
  ['不对, 说错了, 哦不, 改成, 换成, 不对不对, 哦不对', { kind: 'correction' }],
  [
    '像, 好像, 如同, 仿佛, 似的, 一样大, 形状的, 造型的, 那么大, 大小的, 长得像, 看起来像, 像是, 梦见, 梦到, 想着, 害怕, 怕, 假装是, 打扮成, 做成的',
    { kind: 'simile' },
  ],
  ['名叫, 叫做, 取名, 名字叫, 名为, 叫, 名字是, 取名叫', { kind: 'naming', reach: 'word' }],
  ['写着, 写有, 标题, 题为, 写上, 文字是, 文字为, 文字内容, 标题是', { kind: 'naming', reach: 'clause' }],
];

export const LINK_PHRASES_ZH: PhraseTable = [
  [
    '和, 与, 跟, 以及, 还有, 及, 同, 外加, 加上, 加, 再加, 再来, 并且, 另外还有, 另外, 同时有, 再画, 再加上, 还要有, 还要, 也有',
    { kind: 'and' },
  ],
  ['或, 或者, 还是, 或是', { kind: 'or' }],
  ['但, 但是, 可是, 然而, 而是, 而, 不过要, 只是, 只要', { kind: 'but' }],
  ['带, 带着, 戴着, 拿着, 抱着, 穿着, 举着, 拎着', { kind: 'with' }],
  [
    '有, 是, 站着, 坐着, 停着, 放着, 摆着, 飞着, 趴着, 躺着, 飘着, 长着, 卧着, 蹲着, 漂着, 挂着, 悬着, 飞过, 立着, 种着, 站了, 停了, 放了, 来了, 有着, 为, 飞来, 跑来, 睡着, 游着, 开着',
    { kind: 'copula' },
  ],
  ['它, 他, 她, 它们, 其, 彼此', { kind: 'pronoun' }],
  [
    '在, 位于, 处于, 坐在, 站在, 停在, 放在, 摆在, 飞在, 趴在, 躺在, 飘在, 长在, 卧在, 蹲在, 漂在, 挂在, 画在, 就在, 浮在, 睡在, 跑在, 走在, 骑在, 停泊在, 立在, 游在, 出现在, 待在, 呆在, 落在, 种在, 于, 行驶在, 躲在, 藏在, 飞到, 跑到, 靠在, 要在, 悬浮在, 悬在, 盘旋在, 守在',
    { kind: 'locative' },
  ],
  ['的, 地, 得, 之', { kind: 'of' }],
  ['这, 那, 这个, 那个, 这只, 那只, 这辆, 那辆, 这棵, 那棵, 该, 这些, 那些', { kind: 'determiner', definite: true }],
  ['某, 每, 各, 任何, 另一, 又一', { kind: 'determiner', definite: false }],
  ['其他, 别的, 其它, 其余', { kind: 'other' }],
  ['所以, 因为, 如果, 然后, 要, 想要, 想, 画, 请, 因此, 就, 再, 时, 时候, 时分, 的时候', { kind: 'break' }],
];

export const SIZE_PHRASES_ZH: PhraseTable = [
  ['小, 小小, 小小的, 迷你, 微型, 小型, 娇小, 小巧, 很小, 袖珍', { kind: 'size', size: 'small' }],
  [
    '大, 大大, 巨大, 巨型, 大型, 超大, 很大, 特大, 硕大, 庞大, 高大, 又大, 大大的, 大大小小',
    { kind: 'size', size: 'large' },
  ],
];
