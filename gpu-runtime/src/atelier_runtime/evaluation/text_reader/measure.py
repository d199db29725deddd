"""Measures the reader on writing in fonts that it never saw, beside the comparing reader that is told what to look for.

python -m atelier_runtime.evaluation.text_reader.measure --graph .runs/text-reader/text-reader.onnx --count 200
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.tasks.lettering import font_words
from atelier_runtime.world.tasks.strings import texts
from atelier_runtime.world.tasks.text import TextPicture, sample_text
from atelier_runtime.world.vocabulary import Atlas, Preset, preset

from ..bench_v1.measures import TemplateReader, rewritten
from ..controls import degraded
from .read import TextReader

SEVERITIES = (0, 1, 2)
_RIVALS = 5


def pictures_in_unseen_fonts(count: int, world: Preset, atlas: Atlas) -> Iterator[tuple[TextPicture, str, str, bool]]:
    """(picture, its text, language, is the text held out too), texts of training and held-out ones in turn."""
    for seed in range(count):
        split = "S7" if seed % 2 else "S10"
        sample = sample_text(seed, world, atlas, split)
        language = str(sample.facts["language"])
        unseen = font_words("chinese" if language == "zh" else "latin", "test")
        yield replace(sample.targets[0], font=unseen[seed % len(unseen)]), str(sample.facts["text"]), language, split == "S7"


def edit_distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def measure(reader: TextReader, world: Preset, atlas: Atlas, count: int, size_px: int, compared: int) -> dict:
    composer, second = Composer(atlas, size_px), TemplateReader(Composer(atlas, size_px))
    hits: dict[str, list[float]] = defaultdict(list)
    wrong: list[str] = []
    for number, (picture, text, language, held_out) in enumerate(pictures_in_unseen_fonts(count, world, atlas)):
        true = picture.paint(composer)
        for severity in SEVERITIES:
            seen = reader.read(degraded(true, severity, number), picture.box)
            hits[f"{language}/exact/{severity}"].append(seen.text == text)
            hits[f"{language}/character_errors/{severity}"].append(edit_distance(seen.text, text) / len(text))
            if severity == 0:
                hits[f"{language}/exact_{'held_out' if held_out else 'known'}_text"].append(seen.text == text)
                if seen.text != text:
                    wrong.append(f"{text!r} read as {seen.text!r} ({seen.confidence:.2f}, {picture.surface})")
        if number < compared:
            others = sorted(
                (t for s in ("train", "S7") for t in texts(language, s) if t != text), key=lambda t: (abs(len(t) - len(text)), t)
            )
            rivals = [rewritten(picture, t) for t in others[:_RIVALS]]
            hits[f"{language}/second_reader_accepts_the_text"].append(second.reads(true, picture, rivals))
            hits[f"{language}/second_reader_refuses_another"].append(not second.reads(true, rivals[0], [picture, *rivals[1:]]))
    shares = {name: {"share": round(float(np.mean(h)), 4), "n": len(h)} for name, h in sorted(hits.items())}
    return {"sizePx": size_px, "fonts": {s: font_words(s, "test") for s in ("latin", "chinese")}, "shares": shares, "wrong": wrong}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph", type=Path, required=True, help="ONNX file")
    parser.add_argument("--preset", default="pilot")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--compared", type=int, default=40, help="so many are also shown to the comparing reader")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    atlas = Atlas()
    result = measure(TextReader(options.graph), preset(options.preset, atlas), atlas, options.count, options.size, options.compared)
    text = json.dumps(result, indent=1, ensure_ascii=False)
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
