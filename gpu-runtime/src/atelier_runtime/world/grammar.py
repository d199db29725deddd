"""Small grammar of captions: plurals and articles in English, classifiers in Chinese."""

from __future__ import annotations

_MEASURE_BY_THEME = {
    "farm": "只",
    "wild": "只",
    "garden": "朵",
    "winter": "个",
    "city": "座",
    "sea": "只",
    "kitchen": "个",
    "toys": "个",
    "party": "个",
}
_MEASURE = {
    "automobile": "辆",
    "bus": "辆",
    "bicycle": "辆",
    "tractor": "辆",
    "fire-engine": "辆",
    "house": "座",
    "castle": "座",
    "deciduous-tree": "棵",
    "evergreen-tree": "棵",
    "palm-tree": "棵",
    "cactus": "棵",
    "sailboat": "艘",
    "airplane": "架",
    "helicopter": "架",
    "flying-saucer": "架",
    "rocket": "枚",
    "elephant": "头",
    "giraffe": "只",
    "whale": "头",
    "penguin": "只",
    "guitar": "把",
    "umbrella": "把",
    "teapot": "把",
    "banana": "根",
    "hot-beverage": "杯",
    "turtle": "只",
    "crab": "只",
    "butterfly": "只",
    "sauropod": "只",
    "teddy-bear": "只",
    "red-apple": "个",
    "sunflower": "朵",
    "mushroom": "朵",
    "tent": "顶",
    "camel": "头",
    "ferris-wheel": "座",
    "palm": "棵",
    "christmas-tree": "棵",
}


def measure_word(concept: str, theme: str) -> str:
    """Chinese classifier of a noun."""
    return _MEASURE.get(concept) or _MEASURE_BY_THEME.get(theme, "个")


_IRREGULAR = {
    "mouse": "mice",
    "goose": "geese",
    "sheep": "sheep",
    "fish": "fish",
    "bison": "bison",
    "moose": "moose",
    "deer": "deer",
    "ox": "oxen",
    "wolf": "wolves",
    "leaf": "leaves",
    "loaf": "loaves",
    "die": "dice",
    "shrimp": "shrimp",
    "squid": "squid",
    "sushi": "pieces of sushi",
    "broccoli": "heads of broccoli",
    "child": "children",
    "knife": "knives",
}
_PLURAL_NOUNS = frozenset(
    (
        "glasses sunglasses goggles jeans shorts socks gloves scissors headphones maracas skis chopsticks grapes "
        "cherries blueberries peanuts beans pancakes books chains dango bacon garlic popcorn butter salt corn wood "
        "bread ice soap fire curry spaghetti falafel oden"
    ).split()
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
