// What a person calls things, where the Unicode names are stiff.

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
