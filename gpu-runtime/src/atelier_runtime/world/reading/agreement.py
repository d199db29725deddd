"""Do the facts of a caption agree with what was drawn? Decided on truth masks, not on the specification's own relations."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ..compose import Composer, ObjectTruth
from ..spec import BINS, SceneSpec
from .reader import CaptionFacts, Phrase


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawn object as its mask shows it: box in bins, and the side of its square."""

    concept: str
    colour: str | None
    left: float
    top: float
    right: float
    bottom: float
    side: int
    flies: bool

    @property
    def x(self) -> float:
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        return (self.top + self.bottom) / 2


def drawn_objects(spec: SceneSpec, composer: Composer) -> list[Drawn]:
    unit = BINS / composer.size_px
    return [_drawn(t, o.s, unit, composer) for o, t in zip(spec.objects, composer.truth(spec), strict=True)]


def _drawn(truth: ObjectTruth, side: int, unit: float, composer: Composer) -> Drawn:
    box = [v * unit for v in truth.box]
    return Drawn(truth.concept, truth.colour, *box, side, composer.atlas.concepts[truth.concept].placement == "sky")


def disagreements(facts: CaptionFacts, spec: SceneSpec, drawn: list[Drawn]) -> list[str]:
    """What the caption says and the picture does not show, or the other way round; empty when they agree."""
    wrong = [
        f"{name}: told {told}, is {true}"
        for name, told, true in (("style", facts.styles, spec.style), ("place", facts.places, spec.place), ("time", facts.times, spec.time))
        if any(value != true for value in told) or (name != "style" and not told)
    ]
    wrong += _listing(facts, drawn)
    for phrase, position in facts.positions:
        if not any(_lies(d, position) for d in _named(phrase, drawn)):
            wrong.append(f"{phrase} is not {position}")
    for a, relation, b in facts.relations:
        if not any(_stands(p, relation, q) for p in _named(a, drawn) for q in _named(b, drawn) if p is not q):
            wrong.append(f"{a} is not {relation} {b}")
    return wrong


def _named(phrase: Phrase, drawn: list[Drawn]) -> list[Drawn]:
    return [d for d in drawn if d.concept in phrase.concepts and d.colour == phrase.colour]


def _listing(facts: CaptionFacts, drawn: list[Drawn]) -> list[str]:
    """Every thing is told exactly once, in its number, colour and size."""
    wrong, told = [], Counter()
    for phrase in facts.told:
        things = _named(phrase, drawn)
        if len(things) != max(1, phrase.count):
            wrong.append(f"told {phrase.count or 1} of {phrase.concepts[0]} ({phrase.colour}), drawn {len(things)}")
        told.update(id(d) for d in things)
        if phrase.size and things and not _has_size(things[0], phrase.size):
            wrong.append(f"{phrase.concepts[0]} is not {phrase.size}")
    return wrong + [f"{d.concept} told {told[id(d)]} times" for d in drawn if told[id(d)] != 1]


def _has_size(d: Drawn, size: str) -> bool:
    return d.side < 0.3 * BINS if size == "small" else d.side > 0.45 * BINS


def _lies(d: Drawn, position: str) -> bool:
    if position == "sky":
        return d.flies
    return {"left": d.x < 0.45 * BINS, "middle": 0.33 * BINS < d.x < 0.67 * BINS, "right": d.x > 0.55 * BINS}[position]


def _stands(a: Drawn, relation: str, b: Drawn) -> bool:
    """Weaker than the writer's rule (which also asks that it be clear), and on the masks' boxes."""
    if relation in ("left", "right"):
        return a.x < b.x if relation == "left" else a.x > b.x
    if relation in ("above", "below"):
        return a.y < b.y if relation == "above" else a.y > b.y
    share_columns = min(a.right, b.right) > max(a.left, b.left)
    return share_columns and (a.bottom > b.bottom if relation == "front" else a.bottom < b.bottom)
