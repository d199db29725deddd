import { keptWithVocabulary, Lexicon } from '../lexicon/lexicon.js';
import type { EditAct, Meaning, Side } from '../lexicon/meaning.js';
import type { PhraseTable } from '../lexicon/structure-words.js';

const act = (name: EditAct): Meaning => ({ kind: 'edit', act: name });
const side = (name: Side): Meaning => ({ kind: 'side', side: name });
const filler: Meaning = { kind: 'filler' };

/** "to the left" is where something goes, not only where it is. */
const towards = (spot: string): string =>
  [
    `to the ${spot}, into the ${spot}, toward the ${spot}, towards the ${spot}, over to the ${spot}, in the ${spot}, on the ${spot}, at the ${spot}`,
    `to the ${spot} side, to the ${spot} half, to the far ${spot}, all the way to the ${spot}, further to the ${spot}, more to the ${spot}, ${spot}wards, ${spot}ward, further ${spot}`,
    `to the ${spot} of the picture, to the ${spot} of the image, to the ${spot} of the frame, to the ${spot} side of the picture, to the ${spot} edge`,
  ].join(', ');

const ENGLISH: PhraseTable = [
  [
    'remove, delete, erase, get rid of, rid of, take away, take out, cut out, wipe out, wipe away, eliminate, discard, throw away, throw out, rub out, hide, lose the, leave out, omit, exclude, clear away, edit out, crop out, photoshop out, disappear, vanish, go away, gone, deleted, removed, erased, removal of, remove from, drop',
    act('remove'),
  ],
  ["don't want, do not want, dont want, no longer want, don't need, do not need", act('remove')],
  ['take, wipe, clear, scrub', act('take')],
  ['away, off, out', act('away')],
  ['without, w/o, no more, free of, minus, no', act('without')],
  [
    'add, insert, include, add in, plus, draw, appear, appears, bring in, let there be, add to, added, introduce, i want, i d like, i would like, i need, give me, also add',
    act('add'),
  ],
  [
    'replace, swap, exchange, substitute, switch, trade, replaced, swapped, swap out, swap in, replace with',
    act('replace'),
  ],
  ['use', act('use')],
  ['instead of, in place of, rather than, in lieu of, where the', act('instead')],
  ['move, shift, slide, drag, push, pull, relocate, transfer, nudge, reposition, moved, bring, carry', act('move')],
  ['put, place, set, position, stick, lay', act('put')],
  [
    'recolour, recolor, recoloured, recolored, paint, dye, tint, repaint, colour, color, painted, the colour of, the color of, in colour, in color, coloured, colored',
    act('recolour'),
  ],
  [
    'turn, change, changed, make, transform, convert, alter, render, redraw, repaint the picture, modify, switch to, turned, made, turn it into, make it look, let, restyle, redo, draw again, becomes, become',
    act('change'),
  ],
  [
    'should be, must be, ought to be, has to be, have to be, needs to be, shall be, should have, should, must, should become, should stand, should go, should look',
    act('should'),
  ],
  [
    'there should be, there must be, there ought to be, there is, there are, there s, there should also be, should appear',
    act('exist'),
  ],
  [
    'to, into, in to, onto, with, for, as, to be, as if it were, as if it was, like, look like, looks like, look as if it were, on to',
    act('into'),
  ],
  ['from, out of', act('from')],
  [
    'it, everything, them, the whole thing, the picture, this picture, the image, this image, the photo, the scene, this scene, the whole picture, the drawing, the same picture, the same scene, the same image, picture, image, this, everyone, all of it, the first picture, the first image',
    act('whole'),
  ],
  [
    'the background, background, backdrop, the backdrop, the setting, setting, surroundings, the surroundings, the place, scenery, the scenery, location, the location, the time of day, time of day, the time',
    act('ground'),
  ],
  [
    'style, the style, look, the look, drawing style, art style, in the style of, in the look of, the style of, the look of, styled like, stylise, stylize, stylised, stylized',
    act('style'),
  ],
  ['all, both, every, each, all the, all of the, every single', act('all')],
  ['keep, leave, unchanged, as it is, stays the same', act('keep')],
  [towards('left'), side('left')],
  [towards('right'), side('right')],
  [`${towards('middle')}, ${towards('centre')}, ${towards('center')}, in the very middle`, side('centre')],
  [`${towards('top')}, top, upper, upwards, into the sky, in the sky`, side('top')],
  [`${towards('bottom')}, bottom, lower, downwards, down to the ground`, side('bottom')],
  [`${towards('front')}, to the foreground, into the foreground`, side('front')],
  [`${towards('back')}, further back`, side('back')],
  [
    'corner, half, third, edge, area, part, hand side, side, end, of the picture, of the image, of the frame, of the photo, of the scene, to the picture, to the image, to the photo, to the scene, in the picture, in the image, in the photo, in the scene, from the picture, from the image, from the photo, from the scene, out of the picture, into the picture, into the scene, on the picture, in this picture, from this picture, in this image, from this image, it should be, the rest stays, the rest, everything else, please, now, instead, there, here, completely, entirely, same, totally, could you, can you, would you, another time',
    filler,
  ],
];

const CHINESE: PhraseTable = [
  [
    '去掉, 去除, 删除, 删掉, 删去, 移除, 移走, 移掉, 擦掉, 擦除, 抹掉, 抹去, 拿走, 拿掉, 去了, 清除, 消除, 除去, 除掉, 消失, 弄走, 搬走, 取走, 扔掉, 撤掉, 剔除, 隐藏',
    act('remove'),
  ],
  ['不要, 没有, 不想要, 不需要, 不要有, 别要, 不用, 不要了', act('without')],
  [
    '添加, 加上, 加入, 增加, 加, 添, 添上, 加一, 添一, 插入, 画上, 画, 画一, 补上, 再加, 再加上, 再画, 再来, 放上, 摆上, 新增, 来, 加个, 添个, 多画, 出现',
    act('add'),
  ],
  ['替换, 替换成, 替换为, 取代, 代替, 替代, 换掉, 调换', act('replace')],
  ['而不是, 代替原来的', act('instead')],
  ['用, 拿, 以', act('use')],
  [
    '移到, 移动到, 挪到, 移至, 挪至, 移动, 挪动, 搬到, 推到, 拖到, 移, 挪, 移往, 挪去, 移去, 调到, 移向, 往, 向, 靠到',
    act('move'),
  ],
  ['放到, 放在, 放, 摆到, 摆在, 置于, 放置, 放置在, 放进, 摆, 搁在', act('put')],
  ['涂成, 染成, 漆成, 刷成, 上色成, 涂, 染, 上色, 重新上色, 颜色, 的颜色, 涂上, 刷', act('recolour')],
  [
    '改成, 换成, 变成, 变为, 改为, 换为, 改到, 换到, 转成, 转为, 改作, 变, 换, 改, 改变, 更换为, 更换成, 变作, 换到了, 更改为, 重画, 重画成, 画成, 重新画, 调整为, 设为, 设成, 换上, 更换, 转换成, 转换为',
    act('change'),
  ],
  ['应该, 应该是, 应当是, 要变成, 应该在, 应该有', act('should')],
  ['成, 为, 到, 成为', act('into')],
  ['从, 由', act('from')],
  [
    '它, 一切, 所有东西, 整张图, 整个画面, 画面, 图片, 照片, 图, 这张图, 这幅画, 这张图片, 这张照片, 同样的画面, 同样的图, 全部, 整体, 第一张图, 场景里的东西',
    act('whole'),
  ],
  ['背景, 场景, 环境, 地点, 背景里, 时间, 背景图', act('ground')],
  ['风格, 画风, 样式, 的风格, 的画风', act('style')],
  ['所有, 所有的, 全部的, 每个, 每只, 每一个, 都', act('all')],
  ['保持, 保留, 不变', act('keep')],
  ['画面左侧, 画面左边, 图的左边, 左半边, 最左侧, 画面的左侧, 画面的左边, 图片左侧, 左边的位置', side('left')],
  ['画面右侧, 画面右边, 图的右边, 右半边, 最右侧, 画面的右侧, 画面的右边, 图片右侧, 右边的位置', side('right')],
  ['画面中央, 画面中间, 图的中间, 画面正中, 正中, 中部, 画面的中央, 画面的中间, 画面中心, 图片中间', side('centre')],
  ['画面上方, 画面顶部, 图的上方, 天上, 天空, 天空中, 上方的位置', side('top')],
  ['画面下方, 画面底部, 图的下方', side('bottom')],
  [
    '把, 将, 请, 请把, 请将, 帮我, 帮我把, 给我, 麻烦, 里的, 中的, 上的, 图中的, 图里的, 画面中的, 画面里的, 图片里的, 照片里的, 图中, 图里, 画面里, 画面中, 掉, 了, 吧, 的东西, 其余不变, 其他不变, 原来的, 一下, 位置, 改一下, 给',
    filler,
  ],
];

const PICTURES: PhraseTable = [
  ...(['first', 'second', 'third', 'fourth'] as const).map((ordinal, i): PhraseTable[number] => [
    ['picture', 'image', 'photo', 'one', 'reference', 'drawing', 'reference picture']
      .map((noun) => `the ${ordinal} ${noun}, ${ordinal} ${noun}, ${noun} ${i + 1}`)
      .concat(i > 0 ? [`the ${ordinal}`] : [])
      .join(', '),
    { kind: 'picture', number: i + 1 },
  ]),
  ...['一', '二', '三', '四'].map((number, i): PhraseTable[number] => [
    ['张图', '张图片', '张照片', '幅图', '幅画', '张'].map((noun) => `第${number}${noun}`).join(', '),
    { kind: 'picture', number: i + 1 },
  ]),
];

/** The lexicon in which instructions to edit are read. */
export const editLexiconOf = keptWithVocabulary(
  (vocabulary) => new Lexicon(vocabulary, [...PICTURES, ...ENGLISH, ...CHINESE]),
);
