/**
 * Words outside the vocabulary and what to draw instead, nearest first; the first drawable target is taken. A target is
 * a concept id, a concept in a colour (`red-apple/orange`), or a place, time or style (`place:beach`).
 * Only neighbours a person would accept as "close": a wolf may be a dog, a violin a guitar, but a hat is no umbrella.
 */
export const STAND_INS: readonly (readonly [targets: string, words: string])[] = [
  // animals
  ['dog', 'wolf, fox, coyote, jackal, dingo, hyena, wolfdog, werewolf, 狼, 狐狸, 小狐狸, 豺, 鬣狗'],
  [
    'cat',
    'lion, tiger, leopard, cheetah, panther, jaguar, lynx, cougar, puma, lioness, bobcat, wildcat, cub, raccoon, ferret, 狮子, 老虎, 小老虎, 豹子, 猎豹, 小狮子, 大老虎, 黑豹, 浣熊',
  ],
  [
    'teddy-bear',
    'bear, polar bear, panda, koala, grizzly, brown bear, giant panda, bear cub, doll, 熊, 狗熊, 北极熊, 熊猫, 大熊猫, 考拉, 棕熊, 黑熊, 娃娃, 洋娃娃, 玩偶, 布偶',
  ],
  [
    'rabbit',
    'squirrel, hamster, mouse, rat, guinea pig, hedgehog, chipmunk, gerbil, kangaroo, beaver, mole, otter, 松鼠, 小松鼠, 仓鼠, 老鼠, 小老鼠, 刺猬, 袋鼠, 豚鼠, 龙猫',
  ],
  ['elephant', 'rhino, rhinoceros, hippo, hippopotamus, buffalo, bison, 犀牛, 河马, 水牛, 野牛, 猛犸'],
  ['camel', 'horse, pony, donkey, mule, llama, alpaca, 马, 小马, 驴, 驴子, 羊驼, 骡子, 白马, 骏马'],
  ['dog', 'horse, pony, donkey, pig, piglet, goat, lamb, calf, 猪, 小猪, 山羊'],
  ['giraffe', 'zebra, deer, antelope, gazelle, moose, reindeer, elk, okapi, 斑马, 鹿, 小鹿, 羚羊, 驯鹿, 梅花鹿'],
  ['cow, sheep, camel, dog', 'cow, bull, ox, sheep, ewe, ram, cattle, 牛, 奶牛, 羊, 绵羊, 小羊, 公牛, 小牛'],
  [
    'duck',
    'goose, swan, chicken, hen, rooster, chick, turkey, bird, seagull, gull, pigeon, dove, parrot, crow, eagle, owl, sparrow, robin, pelican, flamingo, heron, hawk, stork, peacock, birdie, raven, songbird, baby chick, 鹅, 天鹅, 鸡, 小鸡, 公鸡, 母鸡, 鸟, 小鸟, 鸟儿, 海鸥, 鸽子, 鹦鹉, 乌鸦, 老鹰, 猫头鹰, 麻雀, 火烈鸟, 孔雀, 大雁, 大白鹅, 燕子',
  ],
  ['penguin', 'puffin, auk, ostrich, 鸵鸟'],
  [
    'butterfly',
    'bee, moth, dragonfly, firefly, ladybug, ladybird, beetle, insect, bug, hummingbird, bumblebee, honeybee, wasp, fairy, 蜜蜂, 蜻蜓, 萤火虫, 瓢虫, 甲虫, 虫子, 昆虫, 飞蛾, 蜂鸟, 小蜜蜂, 精灵, 小仙女, 七星瓢虫',
  ],
  [
    'whale',
    'dolphin, shark, fish, goldfish, seal, sea lion, walrus, manatee, tuna, salmon, tropical fish, orca, submarine, narwhal, 海豚, 鲨鱼, 鱼, 小鱼, 金鱼, 大鱼, 海豹, 海狮, 海象, 潜水艇, 热带鱼, 大鲨鱼, 小丑鱼',
  ],
  [
    'crab',
    'lobster, octopus, shrimp, crayfish, spider, scorpion, starfish, prawn, squid, jellyfish, 龙虾, 章鱼, 虾, 蜘蛛, 蝎子, 海星, 水母, 乌贼, 大龙虾, 小龙虾',
  ],
  [
    'turtle',
    'snail, frog, toad, crocodile, alligator, lizard, snake, gecko, iguana, chameleon, armadillo, 蜗牛, 青蛙, 小青蛙, 鳄鱼, 蜥蜴, 蛇, 壁虎, 蟾蜍, 变色龙',
  ],
  [
    'sauropod',
    'dragon, t rex, t-rex, tyrannosaurus, tyrannosaurus rex, triceratops, stegosaurus, godzilla, monster, velociraptor, raptor, pterodactyl, loch ness monster, 龙, 巨龙, 小龙, 霸王龙, 三角龙, 剑龙, 怪兽, 怪物, 哥斯拉, 恐龙蛋',
  ],
  ['cat', 'monkey, ape, gorilla, chimpanzee, sloth, 猴子, 小猴子, 猩猩, 大猩猩, 树懒'],
  ['camel', 'unicorn, centaur, pegasus, 独角兽, 飞马'],
  [
    'robot',
    'alien, astronaut, cyborg, terminator, transformer, spaceman, cosmonaut, 外星人, 宇航员, 太空人, 变形金刚, 航天员',
  ],
  ['dog', 'animal, pet, creature, beast, critter, 动物, 小动物, 宠物'],
  // plants and nature
  [
    'sunflower',
    'flower, rose, tulip, daisy, lily, poppy, dandelion, blossom, bouquet, orchid, carnation, marigold, lotus, peony, wildflower, bunch of flowers, chrysanthemum, iris, hibiscus, cherry blossom, daffodil, 花, 花朵, 玫瑰, 玫瑰花, 郁金香, 雏菊, 百合, 小花, 花儿, 鲜花, 荷花, 牡丹, 蒲公英, 菊花, 花束, 樱花, 梅花, 野花, 桃花',
  ],
  [
    'deciduous-tree',
    'bush, shrub, plant, hedge, bonsai, willow, bamboo, vine, sapling, cherry tree, houseplant, ivy, 灌木, 植物, 竹子, 盆栽, 绿植, 盆景, 藤蔓',
  ],
  ['cactus', 'aloe, potted plant, pot plant, agave, 芦荟, 盆栽植物'],
  [
    'time:night',
    'moon, star, stars, milky way, galaxy, shooting star, constellation, crescent moon, full moon, comet, firework, fireworks, aurora, northern lights, 月亮, 星星, 银河, 流星, 月牙, 弯月, 满月, 烟花, 极光, 彗星',
  ],
  ['time:day', 'sun, cloud, clouds, rainbow, 太阳, 云, 白云, 云朵, 彩虹, 大太阳'],
  ['place:snow', 'snowflake, snowball, igloo, iceberg, icicle, snowflakes, 雪花, 雪球, 冰屋, 冰山, 冰柱'],
  ['place:desert', 'pyramid, cave, oasis, tumbleweed, volcano, 金字塔, 山洞, 绿洲, 火山, 洞穴'],
  [
    'place:meadow',
    'mountain, mountains, fence, bridge, waterfall, windmill, tree line, grass, 山, 大山, 高山, 栅栏, 桥, 小桥, 瀑布, 篱笆, 风车, 草, 小草, 青草',
  ],
  ['place:beach', 'seashell, shell, surfboard, coral, seaweed, lighthouse beach, sea shell, 贝壳, 冲浪板, 珊瑚, 海草'],
  // vehicles
  [
    'automobile',
    'truck, van, jeep, lorry, pickup, pickup truck, suv, limousine, police car, ambulance, race car, racing car, tractor, go kart, minivan, camper van, limo, tank, rv, 卡车, 货车, 面包车, 吉普车, 警车, 救护车, 拖拉机, 皮卡, 房车, 越野车, 坦克, 大卡车, 挖掘机, 推土机',
  ],
  [
    'fire-engine, automobile',
    'dump truck, garbage truck, bulldozer, excavator, crane truck, cement truck, 垃圾车, 水泥车, 吊车',
  ],
  [
    'bicycle',
    'motorcycle, motorbike, scooter, unicycle, moped, skateboard, vespa, wheelchair, stroller, 摩托车, 电动车, 滑板车, 独轮车, 电瓶车, 滑板, 小摩托',
  ],
  [
    'bus',
    'train, tram, trolley, locomotive, subway, steam train, streetcar, caravan, metro, railcar, 火车, 电车, 地铁, 高铁, 列车, 小火车, 蒸汽火车',
  ],
  [
    'sailboat',
    'ship, cruise ship, ferry, canoe, kayak, raft, speedboat, pirate ship, rowboat, gondola, steamboat, motorboat, fishing boat, barge, vessel, warship, 轮船, 游轮, 渡轮, 独木舟, 快艇, 海盗船, 渔船, 木筏, 大船, 军舰, 皮划艇, 货轮',
  ],
  [
    'airplane',
    'helicopter, glider, drone, hang glider, propeller plane, blimp, zeppelin, parachute, 直升机, 滑翔机, 无人机, 飞艇, 降落伞',
  ],
  [
    'balloon',
    'kite, bubble, bubbles, airship, lantern, soap bubble, hot air balloons, 风筝, 泡泡, 灯笼, 孔明灯, 肥皂泡',
  ],
  ['rocket', 'satellite, space station, torpedo, 卫星, 空间站, 人造卫星, 导弹'],
  ['flying-saucer', 'planet, saturn, earth, jupiter, frisbee, death star, 行星, 地球, 土星, 星球, 飞盘'],
  // food
  [
    'red-apple/orange',
    'orange, tangerine, mandarin, clementine, apricot, grapefruit, 橙子, 橘子, 柑橘, 桔子, 柚子, 杏子',
  ],
  [
    'red-apple',
    'cherry, strawberry, tomato, plum, pomegranate, berry, fruit, nectarine, raspberry, fruits, pepper, bell pepper, 樱桃, 草莓, 西红柿, 番茄, 李子, 石榴, 水果, 大草莓, 红枣',
  ],
  [
    'red-apple/green',
    'pear, lime, guava, kiwi, avocado, watermelon, cabbage, 梨, 梨子, 青苹果, 西瓜, 猕猴桃, 牛油果, 大西瓜, 青柠',
  ],
  ['red-apple/pink', 'peach, lychee, dragon fruit, 桃子, 桃, 水蜜桃, 荔枝, 火龙果'],
  ['red-apple/purple', 'grape, grapes, blueberry, blackberry, eggplant, fig, 葡萄, 蓝莓, 茄子, 无花果'],
  ['banana', 'lemon, mango, corn, melon, papaya, sweetcorn, cucumber, 柠檬, 芒果, 玉米, 哈密瓜, 木瓜, 黄瓜'],
  ['banana', 'pineapple, coconut, durian, 菠萝, 凤梨, 椰子, 榴莲'],
  ['jack-o-lantern', 'squash, gourd, turnip, potato, carrot, 土豆, 葫芦, 胡萝卜, 萝卜'],
  [
    'hamburger',
    'hamburger, burger, cheeseburger, sandwich, hot dog, taco, burrito, pizza, bagel, pasta, bread, toast, sub sandwich, 汉堡, 汉堡包, 三明治, 热狗, 披萨, 比萨, 面包, 肉夹馍, 卷饼',
  ],
  ['red-apple, hamburger', 'food, meal, 食物, 吃的'],
  [
    'birthday-cake',
    'cupcake, pie, muffin, pudding, dessert, cookie, donut, doughnut, pastry, brownie, cheesecake, tart, pancake, croissant, candy, ice cream, apple pie, pumpkin pie, ice cream cone, chocolate, macaron, mooncake, pancakes, 馅饼, 甜点, 饼干, 甜甜圈, 布丁, 松饼, 纸杯蛋糕, 糖果, 冰淇淋, 月饼, 巧克力, 冰激凌, 蛋挞, 雪糕',
  ],
  [
    'hot-beverage',
    'mug, glass, glass of milk, milk, juice, soda, beer, wine, bottle, cola, bowl, soup, drink, water bottle, lemonade, milkshake, smoothie, cocktail, glass of water, champagne, bubble tea, 牛奶, 果汁, 可乐, 啤酒, 汽水, 碗, 汤, 瓶子, 饮料, 红酒, 玻璃杯, 一碗汤, 酒杯',
  ],
  ['teapot', 'jug, pitcher, vase, pot, saucepan, jar, watering can, urn, 花瓶, 锅, 罐子, 坛子, 浇水壶, 茶具'],
  // things
  [
    'guitar',
    'violin, ukulele, cello, banjo, bass, lute, harp, mandolin, fiddle, musical instrument, double bass, 小提琴, 尤克里里, 大提琴, 琵琶, 二胡, 竖琴, 乐器, 古筝',
  ],
  [
    'wrapped-gift',
    'box, package, parcel, chest, treasure chest, cardboard box, crate, suitcase, wrapped box, treasure, 盒子, 箱子, 包裹, 宝箱, 纸箱, 行李箱, 快递, 宝藏',
  ],
  [
    'soccer-ball',
    'soccer ball, football, ball, basketball, beach ball, volleyball, baseball, tennis ball, bowling ball, 足球, 篮球, 球, 排球, 皮球, 网球, 沙滩球, 棒球',
  ],
  ['teddy-bear', 'toy, 玩具, 公仔'],
  ['umbrella', 'tent umbrella, parasail, 遮阳篷'],
  ['tent, house', 'tent, circus tent, yurt, camp, teepee, 帐篷, 蒙古包, 马戏团帐篷'],
  [
    'house',
    'church, school, skyscraper, tower, lighthouse, office building, windmill house, shop, store, temple, hospital, library, hotel, apartment, garage, museum, greenhouse, birdhouse, home, factory, bank, bakery, shed, train station, 教堂, 学校, 摩天大楼, 灯塔, 商店, 寺庙, 医院, 图书馆, 酒店, 公寓, 超市, 塔, 宝塔, 博物馆, 工厂, 凉亭, 高楼',
  ],
  ['castle', 'fortress wall, kingdom, ruins, pagoda, cathedral, eiffel tower, mosque, 城墙, 埃菲尔铁塔, 长城, 王国'],
  ['ferris-wheel', 'ferris wheel, carousel, roller coaster, merry go round, amusement park, 摩天轮, 旋转木马, 过山车'],
  [
    'snowman-without-snow',
    'santa, santa claus, father christmas, yeti, olaf, snow sculpture, 圣诞老人, 雪怪, 圣诞老爷爷',
  ],
  ['jack-o-lantern', 'ghost, halloween lantern, skull, 幽灵, 鬼, 小鬼, 骷髅'],
  ['mushroom', 'acorn, truffle, 松果, 灵芝'],
];
