"""What the judge of `remove` makes of pictures that remove nothing honestly: flat patches where the thing stood, and a blur.

    python -m atelier_runtime.evaluation.removal_controls --count 20

Writes evaluation/results/removal-controls.json: share accepted of each kind, with the true picture as the ceiling.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from atelier_runtime.world.spec import BINS
from atelier_runtime.world.vocabulary import Atlas

from .frozen import FOLDER
from .task_judge import TaskJudge
from .task_samples import trials

_SIZE_PX = 256
_RING_PX = 8
_BLUR_PX = 14
Control = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(before, after, bool [h, w] of the thing's box) -> picture; all uint8 [h, w, 3]."""


def _filled(before: np.ndarray, where: np.ndarray, colour: np.ndarray) -> np.ndarray:
    out = before.copy()
    out[where] = np.round(colour).astype(np.uint8)
    return out


def _flat_true_mean(before: np.ndarray, after: np.ndarray, box: np.ndarray) -> np.ndarray:
    return _filled(before, box, after[box].mean(0))


def _flat_surroundings(before: np.ndarray, after: np.ndarray, box: np.ndarray) -> np.ndarray:  # noqa: ARG001
    grown = np.asarray(Image.fromarray((box * 255).astype(np.uint8)).filter(ImageFilter.MaxFilter(2 * _RING_PX + 1))) > 0
    return _filled(before, box, before[grown & ~box].mean(0))


def _flat_silhouette(before: np.ndarray, after: np.ndarray, box: np.ndarray) -> np.ndarray:  # noqa: ARG001
    changed = (before != after).any(-1)
    return _filled(before, changed, after[changed].mean(0))


def _blurred(before: np.ndarray, after: np.ndarray, box: np.ndarray) -> np.ndarray:  # noqa: ARG001
    soft = np.asarray(Image.fromarray(before).filter(ImageFilter.GaussianBlur(_BLUR_PX)))
    return np.where(box[..., None], soft, before)


REMOVAL_CONTROLS: dict[str, Control] = {
    "true picture": lambda before, after, box: after,  # noqa: ARG005
    "unchanged": lambda before, after, box: before,  # noqa: ARG005
    "flat patch, true mean": _flat_true_mean,
    "flat patch, mean of the surroundings": _flat_surroundings,
    "flat silhouette, true mean": _flat_silhouette,
    "blurred thing": _blurred,
}


def accepted_shares(judge: TaskJudge, count: int) -> dict[str, float]:
    accepted: dict[str, list[bool]] = {name: [] for name in REMOVAL_CONTROLS}
    for trial in trials("remove", "S10", count, judge.atlas):
        before, after = trial.sample.references[0].picture.paint(judge.composer), judge.truth(trial)[0]
        box = np.zeros(before.shape[:2], bool)
        for left, top, right, bottom in trial.sample.edit_boxes or ():
            unit = before.shape[0] / BINS
            box[max(0, int(top * unit)) : int(np.ceil(bottom * unit)), max(0, int(left * unit)) : int(np.ceil(right * unit))] = True
        for name, control in REMOVAL_CONTROLS.items():
            accepted[name].append(judge.judge(trial, [control(before, after, box)]).done)
    return {name: round(float(np.mean(met)), 4) for name, met in accepted.items()}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--out", type=Path, default=FOLDER / "results" / "removal-controls.json")
    options = parser.parse_args(arguments)
    shares = accepted_shares(TaskJudge(Atlas(), _SIZE_PX), options.count)
    options.out.write_text(json.dumps({"task": "remove", "n": options.count, "accepted": shares}, indent=1) + "\n", encoding="utf-8")
    for name, share in shares.items():
        print(f"{name}: {share:.2f}")


if __name__ == "__main__":
    main()
