import type { Meaning, Side, SpatialRelation } from './meaning.js';

/** A comma-separated list of phrases with one meaning. */
export type PhraseTable = readonly (readonly [phrases: string, meaning: Meaning])[];

const relation = (name: SpatialRelation): Meaning => ({ kind: 'relation', relation: name });
const itsSide = (name: SpatialRelation): Meaning => ({ kind: 'relation', relation: name, it: true });
const side = (name: Side): Meaning => ({ kind: 'side', side: name });
const count = (n: number): Meaning => ({ kind: 'count', count: n });

/** "at the right of the picture" names no other thing. */
const ofTheFrame = (spot: string): string =>
  ['picture', 'image', 'frame', 'scene', 'photo', 'canvas', 'drawing', 'page', 'screen']
    .flatMap((frame) => ['on', 'at', 'to', 'in'].map((where) => `${where} the ${spot} of the ${frame}`))
    .join(', ');

const leftRight = (hand: 'left' | 'right'): PhraseTable => [
  [
    `to the ${hand} of, to the ${hand} side of, to the ${hand} hand side of, on the ${hand} of, on the ${hand} side of, on the ${hand} hand side of, at the ${hand} hand side of, at the ${hand} of, at the ${hand} side of, in the ${hand} of, ${hand} of, ${hand} side of, to ${hand} of, on ${hand} of, at ${hand} of, on ${hand} side of, ${hand} from, ${hand} to, immediately ${hand} of, to the ${hand} from, ${hand} hand of, further ${hand} than, more ${hand} than`,
    relation(`${hand}-of`),
  ],
  [
    `to its ${hand}, on its ${hand}, at its ${hand}, to its ${hand} side, on its ${hand} side, to their ${hand}, to his ${hand}, to her ${hand}, on his ${hand}, on her ${hand}`,
    itsSide(`${hand}-of`),
  ],
  [
    `on the ${hand}, to the ${hand}, at the ${hand}, on the ${hand} side, on the ${hand} hand side, on the far ${hand}, at the far ${hand}, on ${hand}, in the ${hand}, on ${hand} side, in the ${hand} corner, ${hand} side, ${hand} hand side, on the ${hand} side of the picture, on the ${hand} of the picture, on the ${hand} side of the image, on the ${hand} of the image, in the ${hand} half, ${hand}`,
    side(hand),
  ],
  [`${ofTheFrame(hand)}, ${ofTheFrame(`${hand} side`)}, ${ofTheFrame(`${hand} hand side`)}`, side(hand)],
];

export const RELATION_PHRASES: PhraseTable = [
  ...leftRight('left'),
  ...leftRight('right'),
  [
    'above, over, on top of, atop, up above, hovering over, hovering above, flying over, flying above, floating over, floating above, higher than, over the top of',
    relation('above'),
  ],
  [
    'on, sitting on, standing on, riding on, riding, perched on, resting on, lying on, balanced on, upon, onto',
    relation('above'),
  ],
  ['below, under, underneath, beneath, down below, lower than, at the bottom of, at the foot of', relation('below')],
  [
    'in front of, infront of, in the front of, at the front of, ahead of, in fron of, in frot of',
    relation('in-front-of'),
  ],
  [
    'behind, in back of, at the back of, in the back of, to the rear of, back of, hidden by, hiding behind, hidden behind, in the rear of',
    relation('behind'),
  ],
  [
    'beside, next to, near, near to, close to, alongside, adjacent to, by, nearby to, by the side of, at the side of, besides, right by, side by side with, next, near by, close by, on either side of, on both sides of, surrounded by',
    relation('beside'),
  ],
  ['in between, between', relation('between')],
  ['inside, inside of, within', relation('inside')],
  ['above it, over it, on top of it, on it', itsSide('above')],
  ['below it, under it, underneath it, beneath it', itsSide('below')],
  ['in front of it, in front of them', itsSide('in-front-of')],
  ['behind it, behind them', itsSide('behind')],
  ['next to it, beside it, near it, by its side, at its side, close to it', itsSide('beside')],
  [
    'side by side, next to each other, beside each other, next to one another, near each other',
    { kind: 'relation', relation: 'beside', it: true },
  ],
  [ofTheFrame('top'), side('top')],
  [ofTheFrame('bottom'), side('bottom')],
  [`${ofTheFrame('middle')}, ${ofTheFrame('centre')}, ${ofTheFrame('center')}`, side('centre')],
  ['at the top, on top, up top, at the very top, overhead', side('top')],
  ['at the bottom, on the bottom, down below', side('bottom')],
  [
    'in the middle, in the centre, in the center, in the middle of the picture, at the centre, at the center, centered, centred, in the centre of the picture, in the center of the picture, in the center of the image',
    side('centre'),
  ],
  ['in the foreground, in front, at the front, up front, foreground', side('front')],
  [
    'in the background, in the back, in the distance, far away, at the back, far in the background, in the far distance',
    side('back'),
  ],
];

export const NUMBER_PHRASES: PhraseTable = [
  ['one, a single, single, just one, only one, exactly one, 1', count(1)],
  [
    'two, a pair of, pair of, a couple of, a couple, couple of, couple, both, twin, twins, double, exactly two, 2',
    count(2),
  ],
  ['three, a trio of, trio of, a few, few, several, exactly three, triplets, 3', count(3)],
  ['four, 4', count(4)],
  ['five, half a dozen, a handful of, handful of, 5', count(5)],
  ['six, 6', count(6)],
  ['seven, 7', count(7)],
  ['eight, 8', count(8)],
  [
    'nine, a bunch of, bunch of, many, lots of, a lot of, a group of, group of, plenty of, loads of, tons of, a crowd of, crowd of, a herd of, herd of, a flock of, flock of, a pack of, pack of, numerous, countless, a swarm of, swarm of, a row of, row of, a pile of, pile of, dozens of, hundreds of, a million, 9',
    count(9),
  ],
  ['ten, dozen, a dozen, twelve, eleven, twenty, hundred, thousand, a hundred, 10', count(10)],
];

export const NEGATION_PHRASES: PhraseTable = [
  [
    'anything but, everything but, all but, hate, hates, i hate, dislike, dislikes, without, w/o, without any, without a single, sans, minus, excluding, exclude, except, except for, free of, devoid of, lacking, instead of, rather than, avoid, omit, leave out, skip, remove, get rid of, as opposed to, other than',
    { kind: 'negation', reach: 'list' },
  ],
  [
    "no, not, not any, never, none of, don't, dont, do not, doesn't, doesnt, does not, isn't, isnt, is not, aren't, arent, are not, didn't, wasn't, won't, shouldn't, should not, mustn't, must not, wouldn't, neither, nor, zero, no more, don't want, not a single, ain't, cannot have, can't have",
    { kind: 'negation', reach: 'phrase' },
  ],
  [
    "isn't allowed, aren't allowed, isn't necessary, aren't necessary, is not necessary, are not necessary, isn't needed, aren't needed, is not needed, are not needed, not needed, not necessary, not required, isn't required, isn't welcome, aren't welcome",
    { kind: 'negation', reach: 'after' },
  ],
  [
    'is not allowed, are not allowed, not allowed, not included, not wanted, not welcome, is forbidden, are forbidden, forbidden',
    { kind: 'negation', reach: 'after' },
  ],
  [
    "i d like, i would like, we d like, we would like, would like, would love, like you to, like to, if you like, as you like, nothing but, not only, not just, not merely, don't forget, dont forget, do not forget, don't forget to add, why not, no problem, no worries, no doubt, not sure, not bad, don't mind, don't care, i don't care, whether or not, or not, no matter what, no matter, no rush, not to mention, not much, not too, not so, not very, no hurry, no need to rush, not really, no pressure, can't, couldn't, haven't, hasn't, can't wait, cant wait, can not wait, no idea, don't know, dont know, i don't know, not yet, no big deal, can't decide, no less than, not less than, if not, nothing else, nothing more, nothing fancy, no more than, not more than, no joke, no kidding",
    { kind: 'affirmation' },
  ],
];

export const SIMILE_PHRASES: PhraseTable = [
  [
    'no wait, wait no, scratch that, or rather, no i mean, sorry i mean, sorry i meant, actually no, no make that, no make it, oops i mean',
    { kind: 'correction' },
  ],
  [
    'like a, like an, like the, as big as, as small as, as tall as, as large as, as red as, as fast as, as long as a, as tiny as, as huge as, the size of, the colour of, the color of, the shape of, in the shape of, shaped like, looks like, look like, looking like, similar to, reminds me of, remind me of, bigger than, smaller than, taller than, larger than, reminiscent of, resembling, dressed as, disguised as, pretending to be, made of, made out of, made from, carved from, painted with, dreaming of, dreams of, dreaming about, thinking of, thinking about, in love with, afraid of, scared of, who loves, that loves, allergic to, smells like, tastes like',
    { kind: 'simile' },
  ],
  ['named, called, by the name of, whose name is, name is, goes by', { kind: 'naming', reach: 'word' }],
  [
    'titled, entitled, says, saying, that says, that reads, with the text, with the word, with the words, with the letters, labeled, labelled, captioned, with text, the text, with the caption, with the title, with the message, that spells',
    { kind: 'naming', reach: 'clause' },
  ],
];

export const LINK_PHRASES: PhraseTable = [
  ['and, plus, as well as, and also, together with, along with, accompanied by, also, and then, n', { kind: 'and' }],
  ['or', { kind: 'or' }],
  ['but, however, yet, though, although, only with', { kind: 'but' }],
  [
    'with, has, have, having, featuring, including, includes, containing, contains, wearing, holding, carrying, holds, carries',
    { kind: 'with' },
  ],
  [
    'is, are, was, were, being, stands, sits, lies, there is, there are, there s, theres, you see, we see, you can see, we can see, one sees, appears, sit, stand, should be, must be, will be, colored, coloured, painted, be, rests, grows, hangs, floats, hovers, flies',
    { kind: 'copula' },
  ],
  ['which, that, who, which is, that is, that s, who is', { kind: 'which' }],
  ['it, them, him, her, each other, one another', { kind: 'pronoun' }],
  ['in, into', { kind: 'in' }],
  ['the, this, these, those, its, their, his, my, your, our', { kind: 'determiner', definite: true }],
  ['a, an, some, any, another, every, each', { kind: 'determiner', definite: false }],
  ['other, others, else, additional, further', { kind: 'other' }],
  ['of', { kind: 'of' }],
  [
    'so, because, since, then, instead, just, only, want, draw, please, paint, make, give, show, while, if, when, where, as, unless, until',
    { kind: 'break' },
  ],
];

export const SIZE_PHRASES: PhraseTable = [
  [
    'small, lil, little, tiny, mini, miniature, wee, smallish, teeny, itty bitty, petite, teensy, baby, toy sized',
    { kind: 'size', size: 'small' },
  ],
  [
    'big, large, huge, giant, enormous, gigantic, massive, great big, oversized, humongous, towering, gargantuan, biggest, colossal, immense, jumbo, giant sized, very big, really big',
    { kind: 'size', size: 'large' },
  ],
];

/** Idioms whose words must not be taken for things. */
export const IDIOMS =
  'raining cats and dogs, piece of cake, elephant in the room, apple of my eye, wild goose chase, cat nap, catnap, dog tired, dog days, snow white, car sick, cool cat, couch potato, cat burglar, cat walk, catwalk, top dog, dog eat dog, cup of tea for me, not my cup of tea, my cup of tea, when pigs fly, let the cat out of the bag, cat got your tongue, copycat, copy cat, guinea pig test, house music, castle in the air, bus driver, taxi driver, car keys, car wash, cat food, dog food, dog collar, dog leash, dog bone, dog bowl, cat litter, balloon animal, duck tape, duct tape, whale oil, banana republic, banana bread, banana peel, apple juice, apple sauce, apple cider, apple computer, iphone, big apple, rabbit hole, rabbit ears, turtle neck, turtleneck, crab apple, robot vacuum, rocket science, rocket salad, house fly, house cat, umbrella term, car alarm, robot arm, cat lady, dog person, cat person, cat lover, dog lover, dog walker, car tire, car wheel, tree house builder, tree trunk, tree branch, tree bark, house keys, bicycle helmet, bicycle wheel, bus ticket, guitar string, guitar player, guitar strings, mushroom cloud, mushroom soup, pumpkin spice, butterfly net, butterfly stroke, duck soup, cat tail, cat ears, bunny ears, dog tail, cat eyes, elephant trunk, balloon string';

/** What every place shows anyway, and frames of speech that say where without naming a thing. */
export const SCENERY_PHRASES: PhraseTable = [
  [
    'in the sky, up in the sky, in the air, up in the air, in the clouds, up high, high up, in midair, in mid air',
    { kind: 'side', side: 'top' },
  ],
  ['on the ground, on the floor, on land, on the horizon, in the air around', { kind: 'filler' }],
  [
    'sky, skies, horizon, ground, floor, air, landscape, scenery, background, backdrop, surroundings, environment, weather, light, lighting, ground level, world, place, spot, atmosphere, view',
    { kind: 'scenery' },
  ],
  ['地面, 地上, 大地, 地平线, 风景, 景色, 天气, 世界, 环境, 气氛, 氛围, 光线, 光', { kind: 'scenery' }],
];
