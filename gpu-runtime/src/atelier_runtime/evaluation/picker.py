"""Chooses the best of several pictures of one scene with the learned checker, as the scoring stage does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from atelier_runtime.world.relations import content_box
from atelier_runtime.world.spec import BINS, SceneSpec
from atelier_runtime.world.vocabulary import Atlas, Preset

from .checker_network import Found, decode, intersection_over_union

_LOWEST = 0.05
"""Faint peaks count a little here: between bad pictures the less bad one should win."""


class LearnedPicker:
    """Reads `checker.onnx` of a weights folder."""

    def __init__(self, path: Path, preset: Preset, atlas: Atlas, threads: int = 1) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options)
        self._preset, self._atlas = preset, atlas

    def look(self, picture: np.ndarray, threshold: float = 0.5) -> list[Found]:
        pixels = np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32)[None] / np.float32(255)
        return decode(*(part[0] for part in self._session.run(None, {"pixels": pixels})), threshold)

    def score(self, picture: np.ndarray, spec: SceneSpec) -> float:
        """0..1: mean over the asked things of probability, place and colour; less for things nobody asked for."""
        found = self.look(picture, _LOWEST)
        total = 0.0
        for o in spec.objects:
            wanted = tuple(v / BINS for v in content_box(o, spec.style, self._atlas))
            colour = 0 if o.colour is None else 1 + self._preset.colours.index(o.colour)
            same = [f for f in found if self._preset.concepts[f.concept] == o.concept]
            total += max(
                (f.probability * (0.4 + 0.3 * intersection_over_union(f.box, wanted) + 0.3 * (f.colour == colour)) for f in same),
                default=0.0,
            )
        asked = {o.concept for o in spec.objects}
        surplus = sum(f.probability for f in found if f.probability > 0.5 and self._preset.concepts[f.concept] not in asked)
        return total / len(spec.objects) - 0.1 * surplus

    def best(self, pictures: Sequence[np.ndarray], spec: SceneSpec) -> int:
        return int(np.argmax([self.score(picture, spec) for picture in pictures]))
