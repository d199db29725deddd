"""Scores recolouring on held-out scenes: is the asked object still there, in the asked colour, and is the rest untouched?

    python -m atelier_runtime.evaluation.recolour --weights weights/atelier-laptop --count 60

Columns: model, ceiling (the true edit) and unchanged (the reference itself: what an engine scores that does nothing).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.edits import EditSample, edit_caption, sample_recolour
from atelier_runtime.world.vocabulary import Atlas, Preset, preset

from .autoencoder import psnr_db
from .engines import OnnxWeights
from .frozen import FOLDER
from .template_checker import TemplateChecker

_FIRST_SEED = 0xED000000
SPLITS = ("S10", "S1")
"""Seen colour pairs in new scenes, and colour pairs held out of training."""
_MARGIN_BINS = 2.0

Editor = Callable[[np.ndarray, str, int], np.ndarray]
"""(reference [size, size, 3] uint8, instruction, seed) -> the edited picture."""


def outside(sample: EditSample, size_px: int) -> np.ndarray:
    """bool [size_px, size_px]: pixels that the edit must leave alone (beyond the object's square and a small margin)."""
    thing, unit = sample.object, size_px / 64
    half = thing.s / 2 + _MARGIN_BINS
    keep = np.ones((size_px, size_px), bool)
    top, bottom = round(max(0.0, thing.y - half) * unit), round((thing.y + half) * unit)
    left, right = round(max(0.0, thing.x - half) * unit), round((thing.x + half) * unit)
    keep[top:bottom, left:right] = False
    return keep


def score_recolour(editor: Editor, world: Preset, atlas: Atlas, size_px: int, form: str, count: int) -> dict[str, dict]:
    """Per split: shares of `present` and `done` (present and in the asked colour) per column, PSNR outside the square."""
    composer = Composer(atlas, size_px)
    checker = TemplateChecker(atlas, world, composer)
    scores: dict[str, dict] = {}
    for split in SPLITS:
        present: dict[str, list[bool]] = {"model": [], "ceiling": [], "unchanged": []}
        done: dict[str, list[bool]] = {column: [] for column in present}
        kept = []
        for seed in range(_FIRST_SEED, _FIRST_SEED + count):
            sample = sample_recolour(seed, world, atlas, split)
            reference, truth = composer.render([sample.reference, sample.target])
            drawn = editor(reference, edit_caption(sample, form, seed, atlas), seed)
            keep = outside(sample, size_px)
            kept.append(psnr_db(reference[keep], drawn[keep]))
            for column, picture in (("model", drawn), ("ceiling", truth), ("unchanged", reference)):
                verdict = checker.check_box(picture, sample.target, sample.changed)
                present[column].append(verdict.present)
                done[column].append(verdict.present and verdict.colour == sample.object.colour)
        scores[split] = {
            "n": count,
            "present": {column: round(float(np.mean(found)), 4) for column, found in present.items()},
            "done": {column: round(float(np.mean(found)), 4) for column, found in done.items()},
            "psnr_db_outside": round(float(np.mean(kept)), 2),
        }
    return scores


def write_sheet(path: Path, editor: Editor, world: Preset, atlas: Atlas, size_px: int, form: str, count: int = 8) -> None:
    """Reference, edit and true edit of `count` held-out samples below each other."""
    composer = Composer(atlas, size_px)
    samples = [sample_recolour(seed, world, atlas, "S10") for seed in range(_FIRST_SEED, _FIRST_SEED + count)]
    columns = []
    for seed, sample in enumerate(samples, _FIRST_SEED):
        reference, truth = composer.render([sample.reference, sample.target])
        columns.append(np.concatenate([reference, editor(reference, edit_caption(sample, form, seed, atlas), seed), truth]))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(columns, axis=1)).save(path)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--world", default="pilot")
    parser.add_argument("--form", default="layout", choices=("layout", "place", "en", "zh"))
    parser.add_argument("--count", type=int, default=60, help="edits per split")
    parser.add_argument("--sheet", type=Path, help="also write a contact sheet here")
    options = parser.parse_args(arguments)
    atlas, weights = Atlas(), OnnxWeights(options.weights)
    world, name = preset(options.world, atlas), options.weights.resolve().name

    def editor(picture: np.ndarray, text: str, seed: int) -> np.ndarray:
        return weights.edit(picture, text, "recolour", seed)

    if options.sheet:
        write_sheet(options.sheet, editor, world, atlas, weights.size_px, options.form)
    scores = score_recolour(editor, world, atlas, weights.size_px, options.form, options.count)
    out = FOLDER / "results" / f"{name}-recolour-{options.form}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"weights": name, "form": options.form, "scores": scores}, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(scores, indent=2))


if __name__ == "__main__":
    main()
