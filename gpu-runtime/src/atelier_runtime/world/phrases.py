"""Words of the captions in both languages. Prompt expansion reads the exported copy in assets/vocabulary.json."""

from __future__ import annotations

# The first entry of each list is the one a caption prefers; the others are other ways a person says it.
STYLE_WORDS = {
    "glossy": {"en": ["glossy", "glossy 3D", "shiny", "3D cartoon", "glossy gradient"], "zh": ["光泽", "光泽立体", "闪亮", "立体卡通"]},
    "flat": {"en": ["flat", "flat sticker", "bold flat", "flat cartoon", "sticker"], "zh": ["扁平", "扁平贴纸", "平面", "贴纸"]},
    "soft": {"en": ["soft", "soft shaded", "soft cartoon", "gently shaded"], "zh": ["柔和", "柔和卡通", "柔光"]},
    "vector": {"en": ["vector", "clean vector", "flat vector", "minimal vector"], "zh": ["矢量", "简洁矢量", "极简矢量"]},
}
PLACE_WORDS = {
    "meadow": {"en": ["on a meadow", "on a green meadow", "in the grass", "in a field", "on a lawn"], "zh": ["草地上", "绿色草地上", "草坪上", "田野里"], "names": ["meadow", "grass", "field", "lawn", "countryside"], "namesZh": ["草地", "草坪", "田野", "草原"]},
    "beach": {"en": ["on a beach", "on the beach", "on a sandy beach", "by the sea", "at the seaside"], "zh": ["海滩上", "沙滩上", "海边"], "names": ["beach", "seaside", "shore", "coast", "sea"], "namesZh": ["海滩", "沙滩", "海边"]},
    "desert": {"en": ["in the desert", "in a desert", "among sand dunes", "on desert sand"], "zh": ["沙漠里", "沙漠中", "沙丘上"], "names": ["desert", "dunes", "sand dunes"], "namesZh": ["沙漠", "沙丘"]},
    "snow": {"en": ["in the snow", "on a snowy field", "on snow", "in a snowy landscape", "in winter"], "zh": ["雪地里", "雪地上", "雪中", "冬天的雪地上"], "names": ["snow", "snowy field", "winter landscape", "snowfield"], "namesZh": ["雪地", "雪原", "冬天"]},
    "city": {"en": ["in the city", "on a city street", "in a city", "on the street", "downtown"], "zh": ["城市里", "城市街道上", "街道上", "市中心"], "names": ["city", "street", "city street", "town", "downtown"], "namesZh": ["城市", "街道", "市区"]},
    "table": {"en": ["on a table", "on the table", "on a wooden table", "on a table in a room", "indoors on a table"], "zh": ["桌子上", "木桌上", "房间里的桌子上", "室内的桌上"], "names": ["table", "room", "desk", "indoors", "kitchen"], "namesZh": ["桌子", "桌上", "房间", "室内"]},
}  # fmt: skip
TIME_WORDS = {
    "day": {"en": ["in daylight", "by day", "on a sunny day", "at noon", "during the day"], "zh": ["白天", "晴天", "中午", "阳光下"], "names": ["day", "daytime", "noon", "sunny day", "daylight"], "namesZh": ["白天", "中午", "晴天"]},
    "sunset": {"en": ["at sunset", "in the evening light", "at dusk", "in the evening"], "zh": ["日落时分", "傍晚", "黄昏", "夕阳下"], "names": ["sunset", "dusk", "evening"], "namesZh": ["日落", "傍晚", "黄昏"]},
    "night": {"en": ["at night", "under the stars", "on a starry night", "in the moonlight"], "zh": ["夜晚", "夜里", "星空下", "月光下"], "names": ["night", "midnight", "moonlight", "starry night"], "namesZh": ["夜晚", "晚上", "夜里", "星空"]},
    "dawn": {"en": ["at dawn", "at sunrise", "early in the morning", "in the early morning"], "zh": ["黎明", "清晨", "日出时分", "破晓时"], "names": ["dawn", "sunrise", "early morning", "daybreak"], "namesZh": ["黎明", "清晨", "日出", "早晨"]},
}  # fmt: skip
COLOUR_WORDS = {
    "red": {"en": ["red"], "zh": ["红色", "红"]}, "orange": {"en": ["orange"], "zh": ["橙色", "橘色"]}, "yellow": {"en": ["yellow"], "zh": ["黄色", "黄"]},
    "green": {"en": ["green"], "zh": ["绿色", "绿"]}, "cyan": {"en": ["cyan", "turquoise", "teal"], "zh": ["青色", "青绿色"]},
    "blue": {"en": ["blue"], "zh": ["蓝色", "蓝"]}, "purple": {"en": ["purple", "violet"], "zh": ["紫色", "紫"]}, "pink": {"en": ["pink"], "zh": ["粉色", "粉红色"]},
    "white": {"en": ["white"], "zh": ["白色", "白"]}, "grey": {"en": ["grey", "gray"], "zh": ["灰色", "灰"]}, "black": {"en": ["black"], "zh": ["黑色", "黑"]},
}  # fmt: skip
RELATION_WORDS = {
    "left-of": {"en": ["to the left of", "on the left of", "left of"], "zh": ["左边", "左侧", "左面"]},
    "right-of": {"en": ["to the right of", "on the right of", "right of"], "zh": ["右边", "右侧", "右面"]},
    "above": {"en": ["above", "over"], "zh": ["上方", "上面"]},
    "below": {"en": ["below", "under"], "zh": ["下方", "下面"]},
    "in-front-of": {"en": ["in front of"], "zh": ["前面", "前方"]},
    "behind": {"en": ["behind"], "zh": ["后面", "后方"]},
}
COUNT_WORDS = {
    1: {"en": ["a", "one"], "zh": ["一"]}, 2: {"en": ["two", "2", "a pair of"], "zh": ["两", "二", "2"]}, 3: {"en": ["three", "3"], "zh": ["三", "3"]},
    4: {"en": ["four", "4"], "zh": ["四", "4"]}, 5: {"en": ["five", "5"], "zh": ["五", "5"]}, 6: {"en": ["six", "6"], "zh": ["六", "6"]},
}  # fmt: skip
SIZE_WORDS = {"small": {"en": ["small", "little"], "zh": ["小"]}, "large": {"en": ["large", "big"], "zh": ["大"]}}
POSITION_WORDS = {
    "left": {"en": ["on the left", "at the left"], "zh": ["左边", "画面左侧"]},
    "middle": {"en": ["in the middle", "in the centre"], "zh": ["中间", "画面中央"]},
    "right": {"en": ["on the right", "at the right"], "zh": ["右边", "画面右侧"]},
    "sky": {"en": ["in the sky", "up in the air"], "zh": ["天空中", "空中"]},
}

_MEASURE_BY_THEME = {"farm": "只", "wild": "只", "garden": "朵", "winter": "个", "city": "座", "sea": "只", "kitchen": "个", "toys": "个", "party": "个"}
_MEASURE = {
    "automobile": "辆", "bus": "辆", "bicycle": "辆", "tractor": "辆", "fire-engine": "辆", "house": "座", "castle": "座", "deciduous-tree": "棵", "evergreen-tree": "棵",
    "palm-tree": "棵", "cactus": "棵", "sailboat": "艘", "airplane": "架", "helicopter": "架", "flying-saucer": "架", "rocket": "枚", "elephant": "头", "giraffe": "只", "whale": "头",
    "penguin": "只", "guitar": "把", "umbrella": "把", "teapot": "把", "banana": "根", "hot-beverage": "杯", "turtle": "只", "crab": "只", "butterfly": "只", "sauropod": "只",
    "teddy-bear": "只", "red-apple": "个", "sunflower": "朵", "mushroom": "朵", "tent": "顶", "camel": "头", "ferris-wheel": "座", "palm": "棵", "christmas-tree": "棵",
}  # fmt: skip


def measure_word(concept: str, theme: str) -> str:
    """Chinese classifier of a noun."""
    return _MEASURE.get(concept) or _MEASURE_BY_THEME.get(theme, "个")


_IRREGULAR = {
    "mouse": "mice", "goose": "geese", "sheep": "sheep", "fish": "fish", "bison": "bison", "moose": "moose", "deer": "deer", "ox": "oxen", "wolf": "wolves",
    "leaf": "leaves", "loaf": "loaves", "die": "dice", "shrimp": "shrimp", "squid": "squid", "sushi": "pieces of sushi", "broccoli": "heads of broccoli", "child": "children", "knife": "knives",
}  # fmt: skip
_PLURAL_NOUNS = frozenset(
    "glasses sunglasses goggles jeans shorts socks gloves scissors headphones maracas skis chopsticks grapes cherries blueberries peanuts beans pancakes books chains dango bacon "
    "garlic popcorn butter salt corn wood bread ice soap fire curry spaghetti falafel oden".split()
)


def is_mass_or_plural(name: str) -> bool:
    """Nouns that take no `a`: grapes, scissors, popcorn."""
    last = name.split(" of ")[0].split()[-1].lower()
    return last in _PLURAL_NOUNS or (" of " not in name and name.endswith("fries"))


def plural(name: str) -> str:
    """English plural of a noun phrase; the head noun changes (`cups of coffee`)."""
    for joint in (" of ", " with ", " in ", " on ", " behind "):
        if joint in name:
            head, tail = name.split(joint, 1)
            return plural(head) + joint + tail
    if is_mass_or_plural(name):
        return name
    *front, last = name.split(" ")
    word = _IRREGULAR.get(last.lower())
    if word is None:
        if last.endswith("man"):
            word = last[:-3] + "men"
        elif last.endswith(("s", "x", "ch", "sh")):
            word = last + "es"
        elif last.endswith("y") and last[-2:-1] not in "aeiou":
            word = last[:-1] + "ies"
        elif last in ("potato", "tomato", "mango", "volcano", "mosquito"):
            word = last + "es"
        else:
            word = last + "s"
    return " ".join([*front, word])


def article(phrase: str) -> str:
    """`a` or `an`, by sound."""
    first = phrase.split(" ")[0]
    if first in ("UFO", "unicorn", "one-piece", "ukulele", "uniform"):
        return "a"
    return "an" if first[0] in "aeiouAEIOU" or first in ("SUV", "hourglass", "X-ray") else "a"
