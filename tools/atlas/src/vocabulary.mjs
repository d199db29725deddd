// Which emoji are picturable objects, what a person calls them, and where they stand in a scene.

const words = (text) =>
  new Set(
    text
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean),
  );

const OBJECT_GROUPS = words('animals-nature, food-drink, travel-places, activities, objects');

/** Whole subgroups that are no objects, or subjects this vocabulary leaves out. */
const EXCLUDED_SUBGROUPS = words('place-religious, medical, mail, money, hotel, sound');

/** Allowed although their group or subgroup is not. */
const EXTRA = words(
  'robot, ghost, alien, alien-monster, jack-o-lantern, clown-face, red-heart, package, envelope, postbox, bell, loudspeaker, luggage, coin, bellhop-bell, ' +
    'love-letter, megaphone, postal-horn, adhesive-bandage, stethoscope, church, clown-face',
);

/** Weapons, alcohol and tobacco, religion, death, medicine and hygiene; signs, clock faces, near duplicates, whole views. */
const EXCLUDED = words(
  'dagger, crossed-swords, bomb, bow-and-arrow, water-pistol, kitchen-knife, axe, military-helmet, military-medal, firecracker, ' +
    'sake, bottle-with-popping-cork, wine-glass, cocktail-glass, beer-mug, clinking-beer-mugs, clinking-glasses, tumbler-glass, cigarette, ' +
    'prayer-beads, nazar-amulet, hamsa, diya-lamp, church, coffin, headstone, funeral-urn, ' +
    'microbe, cockroach, mosquito, fly, pig-nose, guide-dog, service-dog, black-cat, rosette, wilted-flower, ' +
    'manual-wheelchair, motorized-wheelchair, white-cane, petri-dish, dna, ambulance, hospital, ' +
    'toilet, plunger, roll-of-paper, razor, briefs, bikini, one-piece-swimsuit, love-hotel, wedding, slot-machine, joker, mahjong-red-dragon, ' +
    'spade-suit, heart-suit, diamond-suit, club-suit, flower-playing-cards, ' +
    'map-of-japan, globe-showing-europe-africa, globe-showing-asia-australia, globe-with-meridians, japanese-post-office, ' +
    'foggy, night-with-stars, cityscape, sunrise-over-mountains, sunrise, cityscape-at-dusk, sunset, bridge-at-night, hot-springs, milky-way, ' +
    'station, oncoming-bus, oncoming-police-car, oncoming-taxi, oncoming-automobile, airplane-departure, airplane-arrival, seat, ' +
    'new-moon, waxing-crescent-moon, first-quarter-moon, waxing-gibbous-moon, waning-gibbous-moon, last-quarter-moon, waning-crescent-moon, ' +
    'new-moon-face, first-quarter-moon-face, last-quarter-moon-face, fog, wind-face, cyclone, high-voltage, hourglass-not-done, ' +
    'sun-behind-small-cloud, sun-behind-large-cloud, umbrella-with-rain-drops, snowman, motorway, stop-sign, ' +
    'tanabata-tree, moon-viewing-ceremony, reminder-ribbon, 1st-place-medal, 2nd-place-medal, 3rd-place-medal, sparkles, fireworks, ' +
    'musical-score, musical-note, musical-notes, level-slider, control-knobs, mobile-phone-with-arrow, low-battery, camera-with-flash, ' +
    'dvd, magnifying-glass-tilted-right, page-with-curl, page-facing-up, bookmark-tabs, label, chart-increasing, chart-decreasing, bar-chart, ' +
    'calendar, card-index-dividers, tear-off-calendar, linked-paperclips, locked-with-pen, locked-with-key, unlocked, open-file-folder, ' +
    'hammer-and-pick, hammer-and-wrench, link, broken-chain, identification-card, elevator, national-park, ' +
    'flying-disc, knot, e-mail, front-facing-baby-chick, slightly-smiling-face',
);

const CLOCK_FACE = /(o-clock|oclock|thirty)$/;

export function isPicturable(entry) {
  if (EXTRA.has(entry.id)) return !EXCLUDED.has(entry.id);
  if (!OBJECT_GROUPS.has(entry.group) || EXCLUDED_SUBGROUPS.has(entry.subgroup)) return false;
  return !EXCLUDED.has(entry.id) && !CLOCK_FACE.test(entry.id);
}

/** id -> [English name, Chinese name, further English synonyms..., "|", further Chinese synonyms...] where CLDR is stiff. */
const ALIASES = {
  'red-apple': ['apple', '苹果'],
  automobile: ['car', '汽车', 'automobile', '|', '小汽车', '轿车'],
  'deciduous-tree': ['tree', '树', '|', '大树'],
  'evergreen-tree': ['pine tree', '松树', 'fir tree', 'evergreen'],
  'birthday-cake': ['cake', '蛋糕', 'birthday cake', '|', '生日蛋糕'],
  'hot-beverage': ['cup of coffee', '咖啡', 'coffee cup', 'coffee', 'mug', '|', '一杯咖啡', '咖啡杯'],
  'wrapped-gift': ['gift box', '礼物盒', 'gift', 'present', '|', '礼物', '礼盒'],
  'jack-o-lantern': ['pumpkin', '南瓜', 'jack-o-lantern', '|', '南瓜灯'],
  sauropod: ['dinosaur', '恐龙', 'sauropod', 'long-necked dinosaur', '|', '长颈龙'],
  't-rex': ['T-rex', '霸王龙', 'tyrannosaurus'],
  'flying-saucer': ['UFO', '飞碟', 'flying saucer', 'spaceship', '|', '不明飞行物'],
  'snowman-without-snow': ['snowman', '雪人'],
  'teddy-bear': ['teddy bear', '泰迪熊', 'toy bear', '|', '玩具熊'],
  turtle: ['turtle', '乌龟', 'tortoise', '|', '海龟'],
  crab: ['crab', '螃蟹'],
  whale: ['whale', '鲸鱼', '|', '鲸'],
  'soft-ice-cream': ['ice cream cone', '冰淇淋', 'ice cream', 'soft ice cream', '|', '甜筒'],
  'ice-cream': ['bowl of ice cream', '冰淇淋碗', 'ice cream sundae'],
  hamburger: ['burger', '汉堡', 'hamburger', '|', '汉堡包'],
  'fire-engine': ['fire truck', '消防车', 'fire engine'],
  'soccer-ball': ['soccer ball', '足球', 'football'],
  bus: ['bus', '公交车', 'coach', '|', '公共汽车', '巴士'],
  airplane: ['airplane', '飞机', 'plane', 'aeroplane'],
  sailboat: ['sailboat', '帆船', 'sailing boat', 'boat', '|', '小船'],
  balloon: ['balloon', '气球'],
  bicycle: ['bicycle', '自行车', 'bike', '|', '单车'],
  umbrella: ['umbrella', '雨伞', '|', '伞'],
  house: ['house', '房子', 'home', '|', '小屋', '房屋'],
  castle: ['castle', '城堡'],
  'palm-tree': ['palm tree', '棕榈树', '|', '椰子树'],
  'ferris-wheel': ['Ferris wheel', '摩天轮', 'ferris wheel'],
  elephant: ['elephant', '大象', '|', '象'],
  rabbit: ['rabbit', '兔子', 'bunny', '|', '小兔子'],
  dog: ['dog', '狗', 'puppy', '|', '小狗'],
  cat: ['cat', '猫', 'kitten', '|', '小猫', '猫咪'],
  duck: ['duck', '鸭子', '|', '小鸭子'],
  'lady-beetle': ['ladybug', '瓢虫', 'ladybird'],
  honeybee: ['bee', '蜜蜂', 'honeybee'],
  'baby-chick': ['chick', '小鸡', 'baby chick'],
  doughnut: ['doughnut', '甜甜圈', 'donut'],
  'passenger-ship': ['cruise ship', '客轮', 'passenger ship', '|', '邮轮'],
  'high-speed-train': ['train', '高速列车', 'high-speed train', '|', '火车'],
  train: ['train front', '火车头'],
  locomotive: ['steam train', '蒸汽火车', 'locomotive'],
  'couch-and-lamp': ['sofa with a lamp', '沙发和灯', 'sofa', 'couch'],
  'closed-book': ['closed book', '合上的书'],
  'sport-utility-vehicle': ['SUV', '越野车'],
  'racing-car': ['race car', '赛车', 'racing car'],
  'motor-scooter': ['scooter', '小摩托车', 'motor scooter'],
  'spouting-whale': ['spouting whale', '喷水的鲸鱼'],
  'crescent-moon': ['crescent moon', '弯月', 'moon', '|', '月亮', '月牙'],
  'magnifying-glass-tilted-left': ['magnifying glass', '放大镜'],
  'globe-showing-americas': ['globe', '地球', 'earth'],
  'sun-behind-cloud': ['sun behind a cloud', '云后的太阳'],
  llama: ['llama', '羊驼', '|', '美洲驼'],
  ewe: ['sheep', '绵羊', 'ewe'],
  'ear-of-corn': ['corn', '玉米', 'ear of corn'],
  bread: ['loaf of bread', '面包', 'bread'],
  'red-heart': ['heart', '心形', 'love heart', '|', '爱心'],
  'clown-face': ['clown', '小丑'],
  package: ['package', '包裹', 'cardboard box', 'parcel', '|', '纸箱'],
  'steaming-bowl': ['bowl of noodles', '一碗面', 'noodles', 'ramen', '|', '面条'],
  'cooked-rice': ['bowl of rice', '米饭', 'rice'],
  'french-fries': ['French fries', '薯条', 'fries'],
  'two-hump-camel': ['Bactrian camel', '双峰骆驼', 'two-hump camel'],
  'desktop-computer': ['desktop computer', '台式电脑', 'computer'],
  'mobile-phone': ['mobile phone', '手机', 'phone', 'smartphone'],
  headphone: ['headphones', '耳机', 'headphone'],
  'billed-cap': ['cap', '鸭舌帽', 'billed cap', 'baseball cap'],
  'womans-hat': ["woman's hat", '女帽', 'sun hat'],
  'mans-shoe': ['dress shoe', '皮鞋', "man's shoe"],
  'running-shoe': ['sneaker', '运动鞋', 'running shoe'],
  'game-die': ['die', '骰子', 'dice', 'game die'],
  'video-game': ['game controller', '游戏手柄', 'video game'],
  'chess-pawn': ['chess pawn', '棋子', 'pawn'],
  'red-paper-lantern': ['paper lantern', '灯笼', 'red lantern'],
  'alien-monster': ['pixel alien', '像素外星人', 'alien monster'],
  moai: ['moai statue', '摩艾石像', 'moai'],
  camping: ['camp site', '露营地', 'camping'],
  'beach-with-umbrella': ['beach umbrella', '沙滩伞'],
  'fork-and-knife': ['fork and knife', '刀叉', 'cutlery'],
  'cup-with-straw': ['cup with a straw', '带吸管的杯子', 'soda'],
  'glass-of-milk': ['glass of milk', '牛奶', 'milk', '|', '一杯牛奶'],
  'speaker-high-volume': ['speaker', '扬声器'],
};

const HEADS = words(
  'fox, bear, polar-bear, koala, panda, wolf, raccoon, lion, frog, hamster, unicorn, moose, deer, robot, alien, ghost, clown-face, boar',
);

export const bodyOf = (id) => (HEADS.has(id) || /-face$/.test(id) ? 'head' : 'full');

const SKY = words(
  'airplane, small-airplane, parachute, helicopter, satellite, rocket, flying-saucer, balloon, kite, butterfly, bat, bird, dove, eagle, honeybee, phoenix, ' +
    'sun, sun-with-face, full-moon, full-moon-face, crescent-moon, star, glowing-star, shooting-star, comet, ringed-planet, cloud, sun-behind-cloud, ' +
    'cloud-with-lightning-and-rain, sun-behind-rain-cloud, cloud-with-rain, cloud-with-snow, cloud-with-lightning, rainbow, snowflake, ' +
    'suspension-railway, mountain-cableway, aerial-tramway, leaf-fluttering-in-wind, feather, wing, carp-streamer, bubbles, sparkler',
);
const WATER = words(
  'sailboat, canoe, speedboat, passenger-ship, ferry, motor-boat, ship, whale, spouting-whale, dolphin, shark, seal, octopus, jellyfish, fish, tropical-fish, ' +
    'blowfish, squid, swan, ring-buoy, water-wave, lotus',
);
const TABLE_SUBGROUPS = words(
  'food-fruit, food-vegetable, food-prepared, food-asian, food-sweet, drink, dishware, game, arts-crafts, clothing, music, musical-instrument, phone, ' +
    'computer, light-video, book-paper, writing, office, lock, tool, science, household, award-medal, time, money, mail, hotel, sound, other-object, medical',
);
const TABLE = words(
  'potted-plant, bouquet, rose, spiral-shell, party-popper, confetti-ball, ribbon, wrapped-gift, jack-o-lantern, ice-skate, alien-monster, red-heart, love-letter, brick',
);
const GROUND = words(
  'ladder, bed, couch-and-lamp, chair, door, bathtub, shower, shopping-cart, wastebasket, moai, satellite-antenna, file-cabinet, fire-extinguisher, window, beach-with-umbrella, telescope, drum, long-drum, postbox, basket, bucket, umbrella, oil-drum, luggage',
);

export function placementOf(entry) {
  if (SKY.has(entry.id)) return 'sky';
  if (WATER.has(entry.id)) return 'water';
  if (TABLE.has(entry.id)) return 'table';
  if (GROUND.has(entry.id)) return 'ground';
  return TABLE_SUBGROUPS.has(entry.subgroup) ? 'table' : 'ground';
}

const THEME_BY_SUBGROUP = {
  'animal-mammal': 'wild',
  'animal-bird': 'wild',
  'animal-amphibian': 'wild',
  'animal-reptile': 'wild',
  'animal-marine': 'sea',
  'animal-bug': 'garden',
  'plant-flower': 'garden',
  'plant-other': 'garden',
  'food-fruit': 'kitchen',
  'food-vegetable': 'kitchen',
  'food-prepared': 'kitchen',
  'food-asian': 'kitchen',
  'food-sweet': 'party',
  drink: 'kitchen',
  dishware: 'kitchen',
  'place-map': 'travel',
  'place-geographic': 'travel',
  'place-building': 'city',
  'place-religious': 'city',
  'place-other': 'city',
  'transport-ground': 'city',
  'transport-water': 'sea',
  'transport-air': 'travel',
  hotel: 'travel',
  time: 'home',
  'sky-weather': 'weather',
  event: 'party',
  'award-medal': 'party',
  sport: 'sport',
  game: 'toys',
  'arts-crafts': 'home',
  clothing: 'clothing',
  sound: 'music',
  music: 'music',
  'musical-instrument': 'music',
  phone: 'office',
  computer: 'office',
  'light-video': 'office',
  'book-paper': 'office',
  money: 'office',
  mail: 'office',
  writing: 'office',
  office: 'office',
  lock: 'home',
  tool: 'workshop',
  science: 'science',
  medical: 'home',
  household: 'home',
  'other-object': 'home',
  'face-costume': 'toys',
  heart: 'party',
};
const THEME_MEMBERS = {
  farm: words(
    'dog, cat, rabbit, horse, donkey, ox, water-buffalo, cow, pig, ram, ewe, goat, rooster, chicken, turkey, duck, goose, hatching-chick, baby-chick, tractor, house, mouse, sheaf-of-rice, poodle',
  ),
  winter: words(
    'penguin, snowman-without-snow, evergreen-tree, polar-bear, sled, skis, ice-skate, snowflake, seal, christmas-tree, curling-stone, mammoth, snow-capped-mountain, ice-hockey',
  ),
  space: words(
    'rocket, flying-saucer, satellite, ringed-planet, comet, alien, alien-monster, robot, shooting-star, satellite-antenna, telescope',
  ),
  desert: words('cactus, camel, two-hump-camel, sauropod, t-rex, scorpion, snake, lizard, desert, volcano, rock'),
  sea: words(
    'palm-tree, beach-with-umbrella, spiral-shell, turtle, crab, desert-island, anchor, ring-buoy, diving-mask, fishing-pole',
  ),
  toys: words(
    'teddy-bear, balloon, kite, ghost, jack-o-lantern, carousel-horse, playground-slide, circus-tent, ferris-wheel, roller-coaster',
  ),
  party: words('wrapped-gift, birthday-cake'),
};

export function themeOf(entry) {
  for (const [theme, members] of Object.entries(THEME_MEMBERS)) if (members.has(entry.id)) return theme;
  return THEME_BY_SUBGROUP[entry.subgroup] ?? 'home';
}

/** Where a theme looks at home; `sky` and `water` things add their own places below. */
const PLACES_BY_THEME = {
  wild: ['meadow', 'desert'],
  farm: ['meadow', 'beach', 'snow', 'city'],
  garden: ['meadow'],
  sea: ['beach'],
  winter: ['snow'],
  desert: ['desert', 'meadow'],
  space: ['desert', 'snow', 'city', 'meadow'],
  city: ['city', 'meadow', 'snow', 'desert'],
  travel: ['meadow', 'beach', 'desert', 'snow'],
  weather: ['meadow', 'snow'],
  sport: ['meadow', 'beach', 'city'],
  toys: ['meadow', 'beach', 'table'],
  party: ['table'],
  kitchen: ['table'],
  home: ['table'],
  office: ['table'],
  music: ['table'],
  clothing: ['table'],
  workshop: ['table'],
  science: ['table'],
};
const PLACES = {
  cat: ['meadow', 'city', 'snow', 'beach', 'table'],
  rabbit: ['meadow', 'snow', 'table'],
  elephant: ['meadow', 'desert', 'city'],
  giraffe: ['meadow', 'desert', 'city'],
  robot: ['city', 'desert', 'snow', 'table'],
  'teddy-bear': ['table', 'snow', 'meadow'],
  guitar: ['table', 'beach', 'city'],
  umbrella: ['beach', 'city', 'snow', 'meadow'],
  cactus: ['desert', 'table'],
  mushroom: ['meadow', 'table'],
  sunflower: ['meadow', 'city', 'table'],
  'deciduous-tree': ['meadow', 'city', 'beach'],
  'evergreen-tree': ['snow', 'meadow', 'city'],
  house: ['meadow', 'snow', 'city', 'beach'],
  castle: ['meadow', 'snow', 'beach', 'desert'],
  automobile: ['city', 'desert', 'meadow', 'snow'],
  bus: ['city', 'desert', 'meadow', 'snow'],
  bicycle: ['city', 'meadow', 'beach'],
  duck: ['meadow', 'beach', 'city'],
  turtle: ['beach', 'desert', 'meadow'],
  crab: ['beach', 'desert'],
  'palm-tree': ['beach', 'desert', 'city'],
  'wrapped-gift': ['table', 'snow', 'meadow'],
  'jack-o-lantern': ['table', 'meadow', 'city'],
  'snowman-without-snow': ['snow'],
  penguin: ['snow', 'beach', 'city'],
  sauropod: ['desert', 'meadow', 'city'],
  camel: ['desert', 'beach'],
  tent: ['meadow', 'snow', 'desert', 'beach'],
  'fire-engine': ['city', 'snow', 'meadow'],
  'soccer-ball': ['meadow', 'beach', 'city', 'table'],
  'ferris-wheel': ['city', 'meadow', 'beach'],
  whale: ['beach'],
  butterfly: ['meadow', 'beach', 'table'],
  balloon: ['meadow', 'beach', 'desert', 'snow', 'city', 'table'],
  pineapple: ['table', 'beach'],
  'red-apple': ['table', 'meadow'],
  banana: ['table', 'beach'],
  'birthday-cake': ['table', 'meadow'],
  'hot-beverage': ['table', 'city'],
};
const OUTDOORS = ['meadow', 'beach', 'desert', 'snow', 'city'];

export function placesOf(entry) {
  if (PLACES[entry.id]) return PLACES[entry.id];
  const placement = placementOf(entry);
  if (placement === 'sky') return OUTDOORS;
  if (placement === 'water') return ['beach'];
  const places = PLACES_BY_THEME[themeOf(entry)];
  if (placement === 'table')
    return ['table', ...places.filter((place) => place !== 'table' && themeOf(entry) === 'toys')];
  return places.includes('table') && places.length === 1
    ? ['meadow', 'city']
    : places.filter((place) => place !== 'table');
}

const COLOURED = /\b(red|green|blue|yellow|orange|white|black|pink|purple|brown)\b/;
const COLOURED_ZH = /[红绿蓝黄橙白黑粉紫棕青]色?/;

/** { name, synonyms, nameZh, synonymsZh }; the first name is the one captions of the layout language use. */
export function namesOf(entry) {
  const alias = ALIASES[entry.id];
  if (!alias) return { name: entry.label, synonyms: [], nameZh: entry.labelZh, synonymsZh: [] };
  const bar = alias.indexOf('|');
  const english = alias.slice(2, bar < 0 ? undefined : bar);
  const chinese = bar < 0 ? [] : alias.slice(bar + 1);
  // "red apple" must not name an apple that has been painted blue.
  const label = COLOURED.test(entry.label) ? [] : [entry.label];
  const labelZh = COLOURED_ZH.test(entry.labelZh) ? [] : [entry.labelZh];
  const unique = (values, first) => [...new Set(values)].filter((value) => value !== first);
  return {
    name: alias[0],
    synonyms: unique([...english, ...label], alias[0]),
    nameZh: alias[1],
    synonymsZh: unique([...chinese, ...labelZh], alias[1]),
  };
}

/** The pilot vocabulary, in order: whole bodies with clearly different outlines in every style. */
export const PILOT = [
  'red-apple',
  'dog',
  'cat',
  'automobile',
  'house',
  'deciduous-tree',
  'sailboat',
  'airplane',
  'balloon',
  'sunflower',
  'robot',
  'teddy-bear',
  'birthday-cake',
  'guitar',
  'umbrella',
  'rabbit',
  'elephant',
  'penguin',
  'cactus',
  'mushroom',
  'rocket',
  'bus',
  'banana',
  'snowman-without-snow',
  'hot-beverage',
  'teapot',
  'wrapped-gift',
  'jack-o-lantern',
  'duck',
  'turtle',
  'giraffe',
  'whale',
  'crab',
  'butterfly',
  'sauropod',
  'bicycle',
  'castle',
  'palm-tree',
  'flying-saucer',
  'evergreen-tree',
  'pineapple',
  'soccer-ball',
  'tent',
  'fire-engine',
  'camel',
  'hamburger',
  'helicopter',
  'ferris-wheel',
];
