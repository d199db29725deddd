"""Trains the tokeniser on the names of the whole world, in English and Chinese.

    python -m atelier_runtime.training.train_tokenizer --emojibase FOLDER --out tokenizer/tokenizer.json

`FOLDER` is the unpacked `emojibase-data` package, whose labels and tags name every concept the atlas can
ever hold; the atlas' own names and the words of captions count many times over, so they become few tokens.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from atelier_runtime.models.tokenizer import DEFAULT_TOKENIZER, PromptTokenizer, special_tokens

VOCABULARY = 4096
_SKIPPED_GROUPS = {2, 9}  # emojibase: components, flags
_STYLES = ["glossy", "flat", "soft", "vector", "光泽", "扁平", "柔和", "矢量", "风格", "style", "illustration", "drawing", "picture"]
_PLACES = ["meadow", "beach", "desert", "snow", "city", "table", "草地", "海滩", "沙漠", "雪地", "城市", "桌子", "桌上"]
_TIMES = ["day", "sunset", "night", "dawn", "daytime", "morning", "evening", "白天", "日落", "夜晚", "黎明", "时分", "夜里"]
_COLOURS = (
    "red orange yellow green cyan blue purple pink white grey black brown light dark "
    "红色 橙色 黄色 绿色 青色 蓝色 紫色 粉色 白色 灰色 黑色 棕色 浅色 深色 的"
).split()
_RELATIONS = [
    "to the left of",
    "to the right of",
    "above",
    "below",
    "in front of",
    "behind",
    "next to",
    "on",
    "under",
    "between",
    "and",
    "with",
    "a",
    "an",
    "the",
    "at",
    "in",
    "of",
    "is",
    "there",
    "one",
    "two",
    "three",
    "four",
    "five",
    "no",
    "without",
    "的左边",
    "的右边",
    "的上方",
    "的下方",
    "的前面",
    "的后面",
    "旁边",
    "在",
    "和",
    "有",
    "上",
    "一个",
    "两个",
    "三个",
    "四个",
    "一只",
    "两只",
    "三只",
    "一辆",
    "一座",
    "一棵",
    "没有",
    "放着",
    "一幅",
    "画",
    "插画",
    "make it",
    "change",
    "replace",
    "remove",
    "add",
    "move",
    "draw",
    "turn",
    "into",
    "background",
    "left",
    "right",
    "top",
    "bottom",
    "middle",
    "small",
    "large",
    "big",
    "tiny",
    "photo",
    "scene",
]


def _emojibase_names(folder: Path) -> list[str]:
    names: list[str] = []
    for language in ("en", "zh"):
        for entry in json.loads((folder / language / "data.json").read_text(encoding="utf-8")):
            if entry.get("group") is None or entry["group"] in _SKIPPED_GROUPS:
                continue
            names += [entry["label"]] * 4 + list(entry.get("tags", []))
    return names


def _atlas_names(concepts: Path) -> list[str]:
    data = json.loads(concepts.read_text(encoding="utf-8"))["concepts"]
    names: list[str] = []
    for concept in data:
        for name in (concept["name"], concept["nameZh"], *concept["synonyms"], *concept["synonymsZh"]):
            names.append(name)
    return names


def corpus(emojibase: Path, concepts: Path) -> list[str]:
    """Lines of text whose pair counts order the merges. A name inside a sentence has a space before it."""
    lines: list[str] = []
    for name in _emojibase_names(emojibase):
        lines += [f" {name.lower()}"] * 2 if name.isascii() else [name]
    frequent = _atlas_names(concepts) + _STYLES + _PLACES + _TIMES + _COLOURS + _RELATIONS
    for word in frequent:
        spellings = dict.fromkeys((word, word.lower()))
        for spelling in spellings:
            lines += ([f" {spelling}"] * 60 + [spelling] * 20) if word.isascii() else [spelling] * 60
    lines += [mark for mark in ".,!?，。、！？" for _ in range(60)]
    return lines


def train(lines: list[str]) -> Tokenizer:
    """Deterministic: merges are ordered by count, then by the bytes of the pair."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    specials = [AddedToken(token, special=True, lstrip=token.startswith(("<x", "<v"))) for token in special_tokens()]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=specials,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    bos, eos = tokenizer.token_to_id("<bos>"), tokenizer.token_to_id("<eos>")
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A <eos>", special_tokens=[("<bos>", bos), ("<eos>", eos)])
    return tokenizer


def main() -> None:
    root = Path(__file__).parents[3]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--emojibase", type=Path, default=root.parent / "tools/atlas/node_modules/emojibase-data")
    parser.add_argument("--concepts", type=Path, default=root / "assets/atlas/concepts.json")
    parser.add_argument("--out", type=Path, default=DEFAULT_TOKENIZER)
    arguments = parser.parse_args()
    tokenizer = train(corpus(arguments.emojibase, arguments.concepts))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(arguments.out), pretty=False)
    prompts = PromptTokenizer(arguments.out)
    sample = "glossy. beach at sunset <v2>. red apple <x20><y40><s24>. dog <x44><y36><s32>."
    print(f"{prompts.vocabulary_size} tokens; sentence end = {prompts.id_of('.')}; sample = {len(prompts.encode(sample))} tokens")


if __name__ == "__main__":
    main()
