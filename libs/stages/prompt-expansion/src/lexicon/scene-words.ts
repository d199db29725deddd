/** Ways to name a place, a time of day or a look beyond the vocabulary file's own words. */

export const PLACE_SYNONYMS: Readonly<Record<string, string>> = {
  meadow:
    'grassland, pasture, prairie, park, garden, backyard, back yard, front yard, yard, farm, farmland, hill, hills, hillside, valley, grassy field, grassy hill, green field, green grass, wildflower field, countryside, country side, savanna, savannah, field of flowers, golf course, picnic spot, clearing, outdoors, nature, forest, woods, woodland, jungle, playground, 公园, 花园, 院子, 后院, 田野, 田里, 田间, 草原, 草坪, 草丛, 草丛里, 森林, 树林, 丛林, 树林里, 森林里, 山坡, 山坡上, 小山坡, 山上, 山谷, 农场, 牧场, 乡村, 乡下, 郊外, 户外, 野外, 大自然, 绿草地, 大草原, 青草地, 草上, 操场, 游乐园',
  beach:
    'seashore, shoreline, sea shore, sea side, sandy beach, ocean, oceanside, oceanfront, waterfront, bay, coastline, sand, at sea, on the sea, in the ocean, in the sea, lake, lakeside, lakeshore, river, riverside, riverbank, pond, water, waves, harbor, harbour, lagoon, tropical island, island, pool, 大海, 海里, 海上, 海面, 海面上, 海滨, 海岸, 海岸边, 海洋, 海, 沙子, 沙子上, 湖边, 湖面, 湖面上, 湖里, 湖, 河边, 河里, 河, 池塘, 池塘边, 水面, 水面上, 水里, 水上, 水边, 港口, 海岛, 小岛, 海浪, 浪花, 波浪, 沙滩边, 海滩边, 泳池',
  desert:
    'sahara, sand dune, dune, dunes, arid land, wasteland, canyon, badlands, wild west, mars, martian landscape, 沙漠地带, 戈壁, 戈壁滩, 大漠, 撒哈拉, 荒漠, 荒野, 沙丘, 峡谷, 火星, 火星上',
  snow: 'snowy landscape, snow field, snow covered field, winter, wintertime, winter wonderland, winter scene, snowy, snowy day, snowy mountain, snowy hill, arctic, antarctica, north pole, south pole, ice, frozen lake, glacier, tundra, ski slope, blizzard, 雪, 雪里, 雪山, 雪山上, 冬日, 冬季, 雪天, 下雪天, 下雪, 大雪, 雪景, 冰天雪地, 冰雪世界, 冰面, 冰上, 冰川, 北极, 南极, 白雪, 雪花飘飘',
  city: 'cityscape, urban, urban street, road, roadside, highway, avenue, boulevard, sidewalk, pavement, alley, village, town square, plaza, parking lot, car park, traffic, skyline, metropolis, new york, london, paris, tokyo, beijing, shanghai, neighborhood, neighbourhood, suburb, coffee shop, cafe, bus stop, crossroads, 大城市, 都市, 街头, 街上, 大街, 大街上, 路上, 马路, 马路上, 马路边, 路边, 公路, 公路上, 公路边, 人行道, 市里, 市区, 城里, 城镇, 小镇, 村庄, 村子, 广场, 广场上, 停车场, 咖啡馆, 咖啡店, 北京, 上海, 街边, 街角, 闹市, 高楼大厦, 城市街头, 车站, 马路旁',
  table:
    'tabletop, table top, wooden table, dining table, kitchen table, kitchen, kitchen counter, countertop, coffee table, desk, desktop, room, bedroom, living room, dining room, indoor, indoors, inside the house, at home, counter, shelf, picnic table, office, classroom, restaurant, bar counter, floor of a room, studio, 餐桌, 餐桌上, 木桌, 木桌上, 桌面, 桌面上, 书桌, 书桌上, 茶几, 茶几上, 厨房, 厨房里, 屋里, 屋内, 屋子里, 房间, 房间里, 室内, 家里, 家中, 在家, 客厅, 客厅里, 卧室, 卧室里, 办公室, 办公桌, 办公桌上, 教室, 教室里, 餐厅, 餐厅里, 架子上, 窗台, 窗台上, 桌上, 桌子上, 桌子, 柜台上',
};

export const TIME_SYNONYMS: Readonly<Record<string, string>> = {
  day: 'summer, summertime, summer day, noonday, midday, afternoon, sunny, sunlight, sunshine, bright day, daytime scene, clear day, blue sky, blue skies, summer day, high noon, sunlit, in the sun, under the sun, 正午, 午后, 下午, 大白天, 阳光明媚, 阳光灿烂, 晴朗, 晴空, 大晴天, 夏天, 夏日, 蓝天, 蓝天白云, 日间, 上午, 阳光, 大太阳',
  sunset:
    'sun is setting, sun setting, sun sets, sun goes down, sun is going down, sun set, sundown, sun going down, twilight, nightfall, golden hour, dusky, evening sky, setting sun, late afternoon, sunset sky, orange sky, red sky, pink sky, 日落, 日落时, 夕阳, 夕阳西下, 落日, 太阳下山, 日暮, 晚霞, 黄昏时分, 傍晚时分, 暮色, 余晖',
  night:
    'nighttime, night time, nightly, starry sky, starry, star lit, starlit, starlight, moonlit, moonlight, night sky, late at night, dark sky, in the dark, in darkness, full moon, tonight, 夜间, 深夜, 半夜, 午夜, 夜空, 夜空下, 星空, 星空下, 月光, 月夜, 月色, 满天星, 繁星, 黑夜, 大半夜, 凌晨, 月下, 今晚, 夜色, 夜',
  dawn: 'sun is rising, sun rising, sun comes up, morning, sun rise, sunup, sun up, daybreak, early hours, first light, morning light, morning mist, crack of dawn, rising sun, breakfast time, 早上, 早晨, 晨曦, 破晓, 拂晓, 天亮, 日出时, 日出时分, 大清早, 清早, 一大早, 天刚亮, 太阳升起, 朝阳, 晨光, 早间, 曙光',
};

export const STYLE_SYNONYMS: Readonly<Record<string, string>> = {
  glossy:
    '3d, 3 d, three dimensional, 3d render, 3d rendering, rendered, plastic, glassy, polished, gleaming, shiny 3d, clay, claymation, pixar, pixar style, toy like, realistic, photo realistic, photorealistic, 立体, 3d风格, 3d渲染, 渲染, 光滑, 有光泽, 亮晶晶, 闪亮, 写实, 真实, 逼真, 光泽感, 塑料质感, 粘土',
  flat: '2d, 2 d, flat design, cartoon, cartoonish, cartoony, comic, comics, comic style, clip art, clipart, emoji, emoji style, icon, icon style, vector, minimal, minimalist, minimalistic, simple shapes, line art, sticker like, sticker style, childrens book, childrens book illustration, anime, 2d风格, 扁平化, 扁平设计, 卡通, 卡通风格, 动漫, 漫画, 漫画风格, 贴纸风, 图标, 简约, 极简, 矢量图, 简笔画, 儿童画, 平面设计',
  soft: 'softly shaded, pastel, storybook, watercolor, watercolour, 水彩, 绘本, 柔美, 粉彩',
  vector: 'vector art, vector graphic, vector illustration, svg style, 矢量风, 矢量插画',
};

/** Styles nobody trained; drawn in the nearest trained one, and said so. */
export const STYLE_STAND_INS: Readonly<Record<string, string>> = {
  'glossy, soft':
    'oil painting, oil paint, oil painted, photo realistic painting, photograph, photography, cinematic, hyperrealistic, hyper realistic, unreal engine, octane render, 油画, 摄影, 照片, 电影感',
  'flat, vector':
    'pixel art, pixelated, pencil sketch, pencil drawing, line drawing, ink drawing, ukiyo e, cubism, cubist, pop art, graffiti, ghibli, studio ghibli, manga, impressionist, van gogh, picasso, crayon, chalk drawing, stained glass, origami, 像素, 像素风, 素描, 铅笔画, 水墨画, 水墨, 国画, 蜡笔画, 剪纸, 宫崎骏, 油彩, 版画, 浮世绘, 波普',
};
