"""Words of the reader. Written apart from the writer's tables on purpose: a wrong word there must not be read as right here.

Only the names of things come from the atlas.
"""

from __future__ import annotations

from ..vocabulary import Atlas, Preset

Token = tuple[str, object]

_STYLES = {
    "glossy": ("glossy 3d|glossy gradient|3d cartoon|glossy|shiny", "光泽立体|立体卡通|光泽|闪亮"),
    "flat": ("flat sticker|bold flat|flat cartoon|sticker|flat", "扁平贴纸|扁平|平面|贴纸"),
    "soft": ("soft shaded|soft cartoon|gently shaded|soft", "柔和卡通|柔和|柔光"),
    "vector": ("clean vector|flat vector|minimal vector|vector", "简洁矢量|极简矢量|矢量"),
}
_PLACES = {
    "meadow": ("on a meadow|on a green meadow|in the grass|in a field|on a lawn", "草地上|绿色草地上|草坪上|田野里"),
    "beach": ("on a beach|on the beach|on a sandy beach|by the sea|at the seaside", "海滩上|沙滩上|海边"),
    "desert": ("in the desert|in a desert|among sand dunes|on desert sand", "沙漠里|沙漠中|沙丘上"),
    "snow": ("in the snow|on a snowy field|on snow|in a snowy landscape|in winter", "雪地里|雪地上|雪中|冬天的雪地上"),
    "city": ("in the city|on a city street|in a city|on the street|downtown", "城市里|城市街道上|街道上|市中心"),
    "table": (
        "on a table|on the table|on a wooden table|on a table in a room|indoors on a table",
        "桌子上|木桌上|房间里的桌子上|室内的桌上",
    ),
}
_TIMES = {
    "day": ("in daylight|by day|on a sunny day|at noon|during the day", "白天|晴天|中午|阳光下"),
    "sunset": ("at sunset|in the evening light|at dusk|in the evening", "日落时分|傍晚|黄昏|夕阳下"),
    "night": ("at night|under the stars|on a starry night|in the moonlight", "夜晚|夜里|星空下|月光下"),
    "dawn": ("at dawn|at sunrise|early in the morning|in the early morning", "黎明|清晨|日出时分|破晓时"),
}
_COLOURS = {
    "red": ("red", "红色的|红的"), "orange": ("orange", "橙色的|橘色的"), "yellow": ("yellow", "黄色的|黄的"),
    "green": ("green", "绿色的|绿的"), "cyan": ("cyan|turquoise|teal", "青色的|青绿色的"), "blue": ("blue", "蓝色的|蓝的"),
    "purple": ("purple|violet", "紫色的|紫的"), "pink": ("pink", "粉色的|粉红色的"), "white": ("white", "白色的|白的"),
    "grey": ("grey|gray", "灰色的|灰的"), "black": ("black", "黑色的|黑的"),
}  # fmt: skip
_RELATIONS = {
    "left": ("to the left of|on the left of|left of", "左边|左侧|左面"),
    "right": ("to the right of|on the right of|right of", "右边|右侧|右面"),
    "above": ("above|over", "上方|上面"),
    "below": ("below|under", "下方|下面"),
    "front": ("in front of", "前面|前方"),
    "behind": ("behind", "后面|后方"),
}
_POSITIONS = {
    "left": ("on the left|at the left", "画面左侧"),
    "middle": ("in the middle|in the centre", "中间|画面中央"),
    "right": ("on the right|at the right", "画面右侧"),
    "sky": ("in the sky|up in the air", "天空中|空中"),
}
_COUNTS = {
    1: ("a|an|one", "一"),
    2: ("two|2|a pair of", "两|二|2"),
    3: ("three|3", "三|3"),
    4: ("four|4", "四|4"),
    5: ("five|5", "五|5"),
    6: ("six|6", "六|6"),
}
_SIZES = {"small": ("small|little", "小"), "large": ("large|big", "大")}
_FILLERS = {
    "en": "illustration of|the picture shows|the style is|drawn in|draw|style|picture|with|,|.|:",
    "zh": "风格的插画|风格插画|画面里|画风是|画一幅|风格的画|风格|还有|，|。|：|、|和|与|有|的",
}
_MEASURES = "只朵个座辆棵艘架枚头把根杯顶件条张本台部串片块支束盏双副"
_UNCOUNTED = (
    "glasses sunglasses goggles jeans shorts socks gloves scissors headphones maracas skis chopsticks grapes cherries blueberries "
    "peanuts beans pancakes books chains dango bacon garlic popcorn butter salt corn wood bread ice soap fire curry spaghetti falafel "
    "oden fries sheep fish bison moose deer shrimp squid"
).split()
_ODD_PLURALS = {
    "mouse": "mice",
    "goose": "geese",
    "ox": "oxen",
    "wolf": "wolves",
    "leaf": "leaves",
    "loaf": "loaves",
    "die": "dice",
    "child": "children",
    "knife": "knives",
    "sushi": "pieces of sushi",
    "broccoli": "heads of broccoli",
    "potato": "potatoes",
    "tomato": "tomatoes",
    "mango": "mangoes",
    "volcano": "volcanoes",
    "mosquito": "mosquitoes",
}


def lexicon(language: str, preset: Preset, atlas: Atlas) -> dict[str, list[Token]]:
    """Phrase (lower case) -> what it may mean, for one language."""
    which = 0 if language == "en" else 1
    words: dict[str, list[Token]] = {}

    def put(kind: str, table: dict) -> None:
        for value, texts in table.items():
            for phrase in texts[which].split("|"):
                words.setdefault(phrase, []).append((kind, value))

    for kind, table in (
        ("style", _STYLES), ("place", _PLACES), ("time", _TIMES), ("colour", _COLOURS), ("relation", _RELATIONS), ("position", _POSITIONS),
        ("count", _COUNTS), ("size", _SIZES),
    ):  # fmt: skip
        put(kind, table)
    for filler in _FILLERS[language].split("|"):
        words.setdefault(filler, []).append(("filler", filler))
    if language == "en":
        for filler in ("the", "is", "are", "and", "in"):
            words.setdefault(filler, []).append(("filler", filler))
        words.setdefault("a", []).append(("article", "a"))
        words.setdefault("an", []).append(("article", "an"))
    else:
        words.setdefault("在", []).append(("at", "在"))
        for measure in _MEASURES:
            words.setdefault(measure, []).append(("measure", measure))
    _put_things(words, language, preset, atlas)
    return words


def _put_things(words: dict[str, list[Token]], language: str, preset: Preset, atlas: Atlas) -> None:
    for concept in (atlas.concepts[c] for c in preset.concepts):
        names = (concept.name, *concept.synonyms) if language == "en" else (concept.name_zh, *concept.synonyms_zh)
        for name in names:
            forms = {name.lower(), many_of(name.lower())} if language == "en" else {name}
            for form in forms:
                words.setdefault(form, []).append(("thing", concept.id))


def many_of(name: str) -> str:
    """Plural of a noun phrase by its head noun."""
    for joint in (" of ", " with ", " in ", " on ", " behind "):
        head, found, tail = name.partition(joint)
        if found:
            return many_of(head) + joint + tail
    before, _, last = name.rpartition(" ")
    if last in _UNCOUNTED:
        return name
    odd = _ODD_PLURALS.get(last)
    if odd is None:
        if last.endswith("man"):
            odd = f"{last[:-3]}men"
        elif last[-1] in "sx" or last[-2:] in ("ch", "sh"):
            odd = f"{last}es"
        elif last[-1] == "y" and last[-2:-1] not in tuple("aeiou"):
            odd = f"{last[:-1]}ies"
        else:
            odd = f"{last}s"
    return f"{before} {odd}".strip()
