"""What the detector sees in a picture, and its answers to questions about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from atelier_runtime.world.colour import WORDS
from atelier_runtime.world.relations import Box, relation_between
from atelier_runtime.world.spec import BINS
from atelier_runtime.world.vocabulary import Preset

from ..checker_network import intersection_over_union

LEAST_PRESENCE = 0.3
_SAME_THING = 0.55

Outputs = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
Run = Callable[[np.ndarray], Outputs]
"""Picture [H, W, 3] uint8 -> presence [n], concepts [n, C], colours [n, K], boxes [n, 4] as fractions."""


@dataclass(frozen=True, slots=True)
class SeenThing:
    concept: str
    colour: str
    presence: float
    box: Box
    """Bins."""


def onnx_run(path: Path, threads: int = 1) -> Run:
    from atelier_runtime.export.parity import open_graph

    session = open_graph(path, threads)

    def run(picture: np.ndarray) -> Outputs:
        return tuple(session.run(None, {"pixels": picture.transpose(2, 0, 1)[None].astype(np.float32) / 255}))

    return run


class Seen:
    """One picture as the detector sees it."""

    def __init__(self, outputs: Outputs, world: Preset) -> None:
        self._presence, self._concepts, self._colours, self._boxes = outputs
        self._index = {c: i for i, c in enumerate(world.concepts)}
        self.things = self._things(world)

    def _things(self, world: Preset) -> list[SeenThing]:
        found: list[SeenThing] = []
        for i in np.argsort(-self._presence):
            if self._presence[i] < LEAST_PRESENCE:
                break
            box = tuple(float(v) * BINS for v in self._boxes[i])
            thing = SeenThing(
                world.concepts[int(self._concepts[i].argmax())], WORDS[int(self._colours[i].argmax())], float(self._presence[i]), box
            )
            if all(intersection_over_union(thing.box, other.box) <= _SAME_THING for other in found):
                found.append(thing)
        return found

    def presence(self, concept: str) -> float:
        """0..1: how surely this concept is somewhere in the picture."""
        return float((self._presence * self._concepts[:, self._index[concept]]).max())

    def count(self, concept: str) -> int:
        return sum(t.concept == concept for t in self.things)

    def relation(self, a: str, b: str) -> str | None:
        """Of the surest thing of each concept; None where one is missing or nothing clear can be said."""
        first, second = (next((t for t in self.things if t.concept == c), None) for c in (a, b))
        return relation_between(first.box, second.box) if first and second else None
