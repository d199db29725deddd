/**
 * What people call the concepts beyond the vocabulary file's own names: everyday words, kinds and breeds, baby talk.
 * Keyed by concept id; an entry is used only while its concept is drawable.
 */
export const CONCEPT_SYNONYMS: Readonly<Record<string, string>> = {
  'red-apple': 'apples, granny smith, 小苹果, 大苹果, 苹果儿',
  dog: 'pup, pupper, doggy, doggie, doggo, pooch, hound, canine, mutt, labrador, retriever, golden retriever, poodle, corgi, beagle, husky, dachshund, bulldog, terrier, chihuahua, dalmatian, german shepherd, border collie, sheepdog, shiba, shiba inu, 小狗狗, 狗狗, 狗子, 小狗儿, 狗儿, 犬, 小犬, 幼犬, 柯基, 哈士奇, 金毛, 拉布拉多, 泰迪犬, 柴犬, 汪星人, 小黄狗, 大狗, 汪汪',
  cat: 'kitty, kittie, kitty cat, pussycat, feline, tabby, tabby cat, tomcat, siamese, siamese cat, persian cat, meow, 猫猫, 小猫咪, 猫儿, 喵星人, 喵, 喵喵, 橘猫, 花猫, 小花猫, 大猫, 猫咪咪, 猫仔, 肥猫',
  automobile:
    'sedan, auto, motorcar, motor car, convertible, hatchback, station wagon, roadster, coupe, taxi, cab, toy car, sports car, race car, vehicle, volkswagen, beetle car, 车, 小车, 车子, 轿车, 跑车, 出租车, 的士, 小轿车, 私家车, 玩具车, 赛车',
  house:
    'cottage, cabin, hut, bungalow, villa, farmhouse, little house, dwelling, mansion, building, barn, dog house, doghouse, tree house, treehouse, log cabin, 房屋, 屋子, 小房子, 小房屋, 大房子, 别墅, 木屋, 小木屋, 茅屋, 农舍, 平房, 住宅, 狗屋, 大楼, 楼房, 房',
  'deciduous-tree':
    'oak, oak tree, maple, maple tree, apple tree, elm, birch, leafy tree, trees, shade tree, banyan, 大树, 小树, 树木, 绿树, 苹果树, 橡树, 枫树, 果树, 柳树, 榕树, 老树',
  'evergreen-tree':
    'pine, fir, spruce, conifer, pinetree, christmas tree, xmas tree, cedar, cedar tree, 松, 小松树, 杉树, 圣诞树, 冷杉, 云杉, 针叶树, 雪松',
  'palm-tree': 'palm, palms, coconut tree, coconut palm, palmtree, 棕榈, 椰树, 椰子树',
  sailboat:
    'yacht, dinghy, sail boat, sailing ship, sailing yacht, catamaran, small boat, little boat, toy boat, 船, 小帆船, 帆船儿, 游艇, 白帆',
  airplane:
    'aircraft, jet, jet plane, airliner, jumbo jet, biplane, air plane, passenger plane, jetliner, 客机, 小飞机, 大飞机, 喷气式飞机, 战斗机, 飞行器',
  helicopter: 'chopper, copter, 小直升机, 直升飞机',
  balloon: 'ballon, party balloon, helium balloon, hot air balloon, 热气球, 小气球, 氢气球',
  sunflower: 'sunflowers, 太阳花, 葵花, 小向日葵',
  robot: 'android, droid, bot, cyborg, automaton, 机械人, 小机器人, 机器人儿',
  'teddy-bear':
    'teddy, stuffed bear, plush bear, plushie, plush toy, plush, stuffed animal, stuffed toy, 小熊, 小熊玩偶, 毛绒熊, 毛绒玩具, 泰迪, 布娃娃熊, 玩偶熊, 小熊公仔',
  'birthday-cake':
    'layer cake, cream cake, chocolate cake, cakes, strawberry cake, gateau, 奶油蛋糕, 小蛋糕, 大蛋糕, 巧克力蛋糕',
  guitar: 'acoustic guitar, electric guitar, bass guitar, 木吉他, 电吉他, 吉它',
  umbrella: 'parasol, brolly, sunshade, beach umbrella, 小伞, 阳伞, 遮阳伞, 小雨伞, 太阳伞, 油纸伞',
  rabbit: 'bunny rabbit, hare, easter bunny, bunnies, 小兔, 兔, 兔兔, 小白兔, 大白兔, 白兔, 野兔, 兔宝宝',
  elephant: 'baby elephant, elephants, african elephant, mammoth, 小象, 象宝宝, 小飞象',
  penguin: 'emperor penguin, baby penguin, pingu, 小企鹅, 帝企鹅, 企鹅宝宝',
  cactus: 'saguaro, succulent, prickly pear, cacti, 仙人球, 小仙人掌, 多肉, 多肉植物',
  mushroom: 'toadstool, fungus, shroom, fly agaric, 小蘑菇, 毒蘑菇, 香菇, 菌子, 菇',
  rocket:
    'rocket ship, rocketship, space rocket, spaceship, space ship, space shuttle, spacecraft, missile, 小火箭, 宇宙飞船, 航天飞机, 太空船, 飞船',
  'flying-saucer': 'ufo, alien ship, alien spaceship, saucer, mothership, 外星飞船, ufo飞碟, 外星人飞船, 幽浮',
  bus: 'school bus, double decker, double decker bus, minibus, city bus, shuttle bus, trolleybus, 校车, 大巴, 大巴车, 公交, 中巴, 小巴, 客车, 巴士车, 大客车',
  'fire-engine': 'firetruck, fire lorry, fire brigade truck, 救火车, 小消防车',
  bicycle:
    'bike, cycle, push bike, mountain bike, tricycle, road bike, 脚踏车, 山地车, 单车, 小自行车, 三轮车, 共享单车',
  banana: 'bananas, plantain, 小香蕉, 大香蕉, 芭蕉',
  pineapple: 'pineapples, ananas, 凤梨, 大菠萝, 小菠萝',
  'snowman-without-snow': 'snow man, snowmen, frosty, 小雪人, 大雪人, 堆雪人',
  'hot-beverage':
    'cup of tea, tea cup, teacup, cup, mug of coffee, latte, cappuccino, espresso, hot chocolate, cocoa, hot drink, coffee mug, tea, cuppa, 茶杯, 一杯茶, 杯子, 马克杯, 拿铁, 热咖啡, 热茶, 奶茶, 热可可, 茶, 一杯热茶, 水杯',
  teapot: 'tea pot, tea kettle, kettle, coffee pot, coffeepot, 小茶壶, 水壶, 紫砂壶, 壶',
  'wrapped-gift':
    'gift, present, birthday present, christmas present, birthday gift, gift package, wrapped present, wrapped gift, presents, giftbox, 礼品, 礼包, 礼品盒, 小礼物, 生日礼物, 圣诞礼物, 大礼包',
  'jack-o-lantern': 'jack o lantern, halloween pumpkin, carved pumpkin, pumpkins, 小南瓜, 大南瓜, 万圣节南瓜',
  duck: 'duckling, mallard, ducky, duckie, rubber duck, rubber ducky, drake, 鸭, 小鸭, 小鸭子, 鸭鸭, 小黄鸭, 橡皮鸭, 野鸭',
  turtle: 'sea turtle, terrapin, 小乌龟, 小海龟, 大乌龟, 陆龟, 王八',
  giraffe: 'giraffes, baby giraffe, 小长颈鹿',
  whale:
    'blue whale, humpback, humpback whale, orca, killer whale, sperm whale, 蓝鲸, 大鲸鱼, 虎鲸, 小鲸鱼, 座头鲸, 巨鲸',
  crab: 'hermit crab, crabby, 小螃蟹, 大螃蟹, 大闸蟹, 寄居蟹',
  butterfly: 'butterflies, monarch butterfly, 小蝴蝶, 花蝴蝶, 彩蝶, 蝶',
  sauropod:
    'dino, brontosaurus, brachiosaurus, diplodocus, apatosaurus, long neck, longneck, 小恐龙, 大恐龙, 雷龙, 梁龙, 腕龙',
  castle: 'fortress, palace, fort, citadel, sandcastle, sand castle, 宫殿, 皇宫, 小城堡, 古堡, 沙堡, 沙雕城堡',
  tent: 'camping tent, teepee, tepee, wigwam, campsite, 小帐篷, 露营帐篷, 帐蓬',
  camel: 'dromedary, camels, 小骆驼, 双峰骆驼',
  hamburger: 'cheeseburger, hamburgers, beefburger, veggie burger, big mac, whopper, 汉堡包, 芝士汉堡, 大汉堡, 汉堡儿',
  'soccer-ball': 'football, soccer, foot ball, ball, 小足球, 球, 皮球',
  'ferris-wheel': 'big wheel, observation wheel, london eye, 大摩天轮, 观览车',
  cow: 'cattle, calf, bull, dairy cow, 奶牛, 牛, 小牛, 母牛, 乳牛',
  horse: 'pony, stallion, mare, foal, steed, 马, 小马, 骏马, 白马',
  fish: 'goldfish, fishes, salmon fish, trout, 鱼, 小鱼, 金鱼, 鱼儿',
  bird: 'birdie, birds, sparrow, robin, songbird, 鸟, 小鸟, 鸟儿, 麻雀',
  pig: 'piggy, piglet, hog, 猪, 小猪, 猪猪',
  sheep: 'lamb, 羊, 绵羊, 小羊',
  rose: 'roses, red rose, 玫瑰, 玫瑰花',
  sun: 'sunball, 太阳, 日头',
  star: 'stars, 星星, 星',
  cloud: 'clouds, 云, 云朵, 白云',
  'crescent-moon': 'moon, half moon, 月亮, 月牙',
};
