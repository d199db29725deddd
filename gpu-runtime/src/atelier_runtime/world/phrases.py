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
    "meadow": {
        "en": ["on a meadow", "on a green meadow", "in the grass", "in a field", "on a lawn"],
        "zh": ["草地上", "绿色草地上", "草坪上", "田野里"],
        "names": ["meadow", "grass", "field", "lawn", "countryside"],
        "namesZh": ["草地", "草坪", "田野", "草原"],
    },
    "beach": {
        "en": ["on a beach", "on the beach", "on a sandy beach", "by the sea", "at the seaside"],
        "zh": ["海滩上", "沙滩上", "海边"],
        "names": ["beach", "seaside", "shore", "coast", "sea"],
        "namesZh": ["海滩", "沙滩", "海边"],
    },
    "desert": {
        "en": ["in the desert", "in a desert", "among sand dunes", "on desert sand"],
        "zh": ["沙漠里", "沙漠中", "沙丘上"],
        "names": ["desert", "dunes", "sand dunes"],
        "namesZh": ["沙漠", "沙丘"],
    },
    "snow": {
        "en": ["in the snow", "on a snowy field", "on snow", "in a snowy landscape", "in winter"],
        "zh": ["雪地里", "雪地上", "雪中", "冬天的雪地上"],
        "names": ["snow", "snowy field", "winter landscape", "snowfield"],
        "namesZh": ["雪地", "雪原", "冬天"],
    },
    "city": {
        "en": ["in the city", "on a city street", "in a city", "on the street", "downtown"],
        "zh": ["城市里", "城市街道上", "街道上", "市中心"],
        "names": ["city", "street", "city street", "town", "downtown"],
        "namesZh": ["城市", "街道", "市区"],
    },
    "table": {
        "en": ["on a table", "on the table", "on a wooden table", "on a table in a room", "indoors on a table"],
        "zh": ["桌子上", "木桌上", "房间里的桌子上", "室内的桌上"],
        "names": ["table", "room", "desk", "indoors", "kitchen"],
        "namesZh": ["桌子", "桌上", "房间", "室内"],
    },
}
TIME_WORDS = {
    "day": {
        "en": ["in daylight", "by day", "on a sunny day", "at noon", "during the day"],
        "zh": ["白天", "晴天", "中午", "阳光下"],
        "names": ["day", "daytime", "noon", "sunny day", "daylight"],
        "namesZh": ["白天", "中午", "晴天"],
    },
    "sunset": {
        "en": ["at sunset", "in the evening light", "at dusk", "in the evening"],
        "zh": ["日落时分", "傍晚", "黄昏", "夕阳下"],
        "names": ["sunset", "dusk", "evening"],
        "namesZh": ["日落", "傍晚", "黄昏"],
    },
    "night": {
        "en": ["at night", "under the stars", "on a starry night", "in the moonlight"],
        "zh": ["夜晚", "夜里", "星空下", "月光下"],
        "names": ["night", "midnight", "moonlight", "starry night"],
        "namesZh": ["夜晚", "晚上", "夜里", "星空"],
    },
    "dawn": {
        "en": ["at dawn", "at sunrise", "early in the morning", "in the early morning"],
        "zh": ["黎明", "清晨", "日出时分", "破晓时"],
        "names": ["dawn", "sunrise", "early morning", "daybreak"],
        "namesZh": ["黎明", "清晨", "日出", "早晨"],
    },
}
COLOUR_WORDS = {
    "red": {"en": ["red"], "zh": ["红色", "红"]},
    "orange": {"en": ["orange"], "zh": ["橙色", "橘色"]},
    "yellow": {"en": ["yellow"], "zh": ["黄色", "黄"]},
    "green": {"en": ["green"], "zh": ["绿色", "绿"]},
    "cyan": {"en": ["cyan", "turquoise", "teal"], "zh": ["青色", "青绿色"]},
    "blue": {"en": ["blue"], "zh": ["蓝色", "蓝"]},
    "purple": {"en": ["purple", "violet"], "zh": ["紫色", "紫"]},
    "pink": {"en": ["pink"], "zh": ["粉色", "粉红色"]},
    "white": {"en": ["white"], "zh": ["白色", "白"]},
    "grey": {"en": ["grey", "gray"], "zh": ["灰色", "灰"]},
    "black": {"en": ["black"], "zh": ["黑色", "黑"]},
}
RELATION_WORDS = {
    "left-of": {"en": ["to the left of", "on the left of", "left of"], "zh": ["左边", "左侧", "左面"]},
    "right-of": {"en": ["to the right of", "on the right of", "right of"], "zh": ["右边", "右侧", "右面"]},
    "above": {"en": ["above", "over"], "zh": ["上方", "上面"]},
    "below": {"en": ["below", "under"], "zh": ["下方", "下面"]},
    "in-front-of": {"en": ["in front of"], "zh": ["前面", "前方"]},
    "behind": {"en": ["behind"], "zh": ["后面", "后方"]},
}
COUNT_WORDS = {
    1: {"en": ["a", "one"], "zh": ["一"]},
    2: {"en": ["two", "2", "a pair of"], "zh": ["两", "二", "2"]},
    3: {"en": ["three", "3"], "zh": ["三", "3"]},
    4: {"en": ["four", "4"], "zh": ["四", "4"]},
    5: {"en": ["five", "5"], "zh": ["五", "5"]},
    6: {"en": ["six", "6"], "zh": ["六", "6"]},
}
SIZE_WORDS = {"small": {"en": ["small", "little"], "zh": ["小"]}, "large": {"en": ["large", "big"], "zh": ["大"]}}
POSITION_WORDS = {
    "left": {"en": ["on the left", "at the left"], "zh": ["左边", "画面左侧"]},
    "middle": {"en": ["in the middle", "in the centre"], "zh": ["中间", "画面中央"]},
    "right": {"en": ["on the right", "at the right"], "zh": ["右边", "画面右侧"]},
    "sky": {"en": ["in the sky", "up in the air"], "zh": ["天空中", "空中"]},
}
