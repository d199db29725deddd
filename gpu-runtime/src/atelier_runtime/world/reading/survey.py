"""Reads many captions back and reports: `python -m atelier_runtime.world.reading.survey --count 10000`."""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from ..captions import caption
from ..compose import Composer
from ..sample import sample_scene
from ..vocabulary import Atlas, Preset, preset
from .agreement import disagreements, drawn_objects
from .reader import CaptionReader, UnreadableCaptionError

_MASK_PX = 64


@dataclass
class Survey:
    """Of one language: texts read, what went wrong, words and lengths (words in English, characters in Chinese)."""

    texts: int = 0
    facts: int = 0
    wrong: list[str] = field(default_factory=list)
    words: Counter = field(default_factory=Counter)
    lengths: dict[str, list[int]] = field(default_factory=lambda: {"short": [], "dense": []})

    def summary(self) -> dict[str, object]:
        lengths = {
            density: {"median": int(np.median(n)), "p99": int(np.percentile(n, 99)), "longest": max(n)}
            for density, n in self.lengths.items()
            if n
        }
        return {"texts": self.texts, "facts": self.facts, "wrong": len(self.wrong), "vocabulary": len(self.words), "lengths": lengths}


def survey(chosen: Preset, atlas: Atlas, count: int, first_seed: int = 0) -> dict[str, Survey]:
    """Reads `count` captions in each language, short and dense in turn, each of another scene."""
    composer = Composer(atlas, _MASK_PX)
    readers = {language: CaptionReader(language, chosen, atlas) for language in ("en", "zh")}
    found = {language: Survey() for language in readers}
    for seed in range(first_seed, first_seed + count):
        spec = sample_scene(seed, chosen, atlas)
        drawn = drawn_objects(spec, composer)
        density = "dense" if seed % 2 else "short"
        for language, reader in readers.items():
            text = caption(spec, language, density, seed, atlas)
            one = found[language]
            pieces = re.findall(r"[\w-]+", text.lower()) if language == "en" else [c for c in text if c.isalnum()]
            one.texts += 1
            one.words.update(pieces)
            one.lengths[density].append(len(pieces))
            try:
                facts = reader.read(text)
            except UnreadableCaptionError as error:
                one.wrong.append(f"{seed}: {error}")
                continue
            one.facts += 2 + len(facts.styles) + len(facts.told) + len(facts.positions) + len(facts.relations)
            one.wrong += [f"{seed}: {text!r}: {why}" for why in disagreements(facts, spec, drawn)]
    return found


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--preset", default="pilot")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="also print so many captions of each language")
    options = parser.parse_args(arguments)
    atlas = Atlas()
    chosen = preset(options.preset, atlas)
    for seed in range(options.show):
        spec = sample_scene(seed, chosen, atlas)
        for language in ("en", "zh"):
            print(caption(spec, language, "dense" if seed % 2 else "short", seed, atlas))
    found = survey(chosen, atlas, options.count, options.seed)
    for language, one in found.items():
        print(language, json.dumps(one.summary()))
        print("\n".join(one.wrong[:12]))
    if any(one.wrong for one in found.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
