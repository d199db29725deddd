"""Writes assets/vocabulary.json, the world's words for prompt expansion: `python -m atelier_runtime.world.export`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from . import phrases
from .grammar import measure_word, plural
from .sample import GROUND_BOTTOM, GROUND_TOP, SKY_BOTTOM, WATER_BASES
from .spec import BINS
from .vocabulary import DEFAULT_ATLAS, Atlas, Preset, preset

DEFAULT_OUT = DEFAULT_ATLAS.parent / "vocabulary.json"


def vocabulary(chosen: Preset, atlas: Atlas) -> dict:
    """Everything a planner needs to write layout captions this preset's network understands."""
    return {
        "schema": "world-vocabulary/1",
        "preset": chosen.name,
        "bins": BINS,
        "sides": list(chosen.sides),
        "snap": chosen.snap,
        "maxObjects": chosen.max_objects,
        "variants": chosen.variants,
        "baseLines": {
            "ground": {place: [GROUND_TOP[place], GROUND_BOTTOM] for place in chosen.places},
            "water": list(WATER_BASES),
            "skyBottom": SKY_BOTTOM,
        },
        "styles": [{"id": s, **phrases.STYLE_WORDS[s]} for s in chosen.styles],
        "places": [{"id": p, **phrases.PLACE_WORDS[p]} for p in chosen.places],
        "times": [{"id": t, **phrases.TIME_WORDS[t]} for t in chosen.times],
        "colours": [{"id": c, **phrases.COLOUR_WORDS[c]} for c in chosen.colours],
        "relations": [{"id": r, **words} for r, words in phrases.RELATION_WORDS.items()],
        "counts": [{"id": n, **words} for n, words in phrases.COUNT_WORDS.items()],
        "sizes": [{"id": s, **words} for s, words in phrases.SIZE_WORDS.items()],
        "positions": [{"id": p, **words} for p, words in phrases.POSITION_WORDS.items()],
        "concepts": [_concept(c, chosen, atlas) for c in chosen.concepts],
    }


def _concept(concept_id: str, chosen: Preset, atlas: Atlas) -> dict:
    c = atlas.concepts[concept_id]
    return {
        "id": c.id,
        "name": c.name,
        "plural": plural(c.name),
        "synonyms": list(c.synonyms),
        "nameZh": c.name_zh,
        "synonymsZh": list(c.synonyms_zh),
        "measureZh": measure_word(c.id, c.theme),
        "placement": c.placement,
        "theme": c.theme,
        "places": [p for p in c.places if p in chosen.places],
        "box": {s: [round(v, 3) for v in atlas.content_box(c.id, s)] for s in chosen.styles},
        "native": {s: c.styles[s]["native"] for s in chosen.styles},
        "colours": {s: [w for w in c.colours(s) if w in chosen.colours] for s in chosen.styles},
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", default="pilot")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    options = parser.parse_args(arguments)
    atlas = Atlas()
    data = vocabulary(preset(options.preset, atlas), atlas)
    head = {key: value for key, value in data.items() if key != "concepts"}
    # One concept a line: a change of the vocabulary reads well as a difference.
    lines = ",\n".join("  " + json.dumps(c, ensure_ascii=False) for c in data["concepts"])
    text = json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "concepts": [\n' + lines + "\n ]\n}\n"
    options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
