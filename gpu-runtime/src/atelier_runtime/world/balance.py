"""Dual-axis balance: of several candidate scenes the one that says most about what was seen least.

Axis one is the concepts, axis two their visual attributes (style, place, time, colour, number). As in retrieval (Spärck Jones 1972),
a scene's worth is its mean inverse document frequency, counted over the scenes chosen so far, on both axes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator

from .spec import SceneSpec

CANDIDATES = 4


def terms(spec: SceneSpec) -> tuple[list[str], list[str]]:
    """(concepts, attributes of each concept): the two axes of a scene's document."""
    concepts = [o.concept for o in spec.objects]
    shared = [f"style {spec.style}", f"setting {spec.place} {spec.time}", f"number {len(spec.objects)}"]
    attributes = [f"{o.concept}|{a}" for o in spec.objects for a in (*shared, f"colour {o.colour}")]
    return concepts, attributes


class Balance:
    """Document frequencies of the scenes taken so far."""

    def __init__(self) -> None:
        self.taken = 0
        self._frequency: Counter[str] = Counter()

    def worth(self, spec: SceneSpec) -> float:
        """Mean over both axes of log((1 + scenes) / (1 + scenes with the term))."""
        return sum(self._mean(axis) for axis in terms(spec)) / 2

    def _mean(self, axis: list[str]) -> float:
        return sum(math.log((1 + self.taken) / (1 + self._frequency[t])) for t in axis) / len(axis) if axis else 0.0

    def take(self, spec: SceneSpec) -> None:
        self.taken += 1
        for axis in terms(spec):
            self._frequency.update(set(axis))


def balanced(specs: Iterable[SceneSpec], candidates: int = CANDIDATES) -> Iterator[SceneSpec]:
    """One of every `candidates` scenes, the one of most worth (the first of equals). The order of the input decides alone."""
    balance, group = Balance(), []
    for spec in specs:
        group.append(spec)
        if len(group) == candidates:
            best = max(group, key=balance.worth)
            balance.take(best)
            group = []
            yield best


def evenness(counts: Iterable[int]) -> float:
    """Entropy of a distribution as a share of the highest possible one: 1 = all equally often."""
    values = [c for c in counts if c > 0]
    total = sum(values)
    if len(values) < 2:
        return 1.0
    return -sum(c / total * math.log(c / total) for c in values) / math.log(len(values))
