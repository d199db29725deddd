"""Draws a scene specification from a 32-bit seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .relations import content_box
from .rng import Rng, mix
from .spec import BINS, SceneObject, SceneSpec
from .splits import held_out_keys, is_held_out
from .vocabulary import Atlas, Preset

SPLITS = ("train", "S1", "S2", "S3", "S10")
_ATTEMPTS = 4000
_PLACEMENT_TRIES = 60
_MAX_OVERLAP = 0.18
"""Largest part of the smaller object's box that another box may cover."""

GROUND_TOP = {"meadow": 44, "beach": 48, "desert": 44, "snow": 44, "city": 46, "table": 48}
"""First base line (bins) at which a thing stands convincingly on the ground of a place."""
GROUND_BOTTOM = 62
WATER_BASES = (38, 45)
"""Base lines of things that float, on the one place with a sea."""
SKY_BOTTOM = 40


class SamplingError(RuntimeError):
    """No scene of the asked split was found; the preset is too small for it."""


@dataclass(frozen=True)
class _Subject:
    concept: str
    colour: str | None


def sample_scene(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> SceneSpec:
    """The scene of this seed. Equal arguments give an equal spec on every machine.

    split `train` never touches a held-out key; `S1`, `S2`, `S3` scenes hold at least one key of that split and of no
    other; `S10` draws like `train` from seeds that training never uses. Errors: SamplingError.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {SPLITS}")
    for attempt in range(_ATTEMPTS):
        rng = Rng(mix(seed, SPLITS.index(split), attempt))
        spec = _draw(rng, seed, preset, atlas, split)
        if spec is not None and _belongs(spec, atlas, split):
            return spec
    raise SamplingError(f"no {split} scene for seed {seed} in preset {preset.name}")


def _belongs(spec: SceneSpec, atlas: Atlas, split: str) -> bool:
    touched = {key[:2] for key in held_out_keys(spec, atlas)}
    return touched == (set() if split in ("train", "S10") else {split})


def _draw(rng: Rng, seed: int, preset: Preset, atlas: Atlas, split: str) -> SceneSpec | None:
    style, place, time = rng.pick(preset.styles), rng.pick(preset.places), rng.pick(preset.times)
    variant = rng.below(preset.variants)
    subjects = _subjects(rng, preset, atlas, style, place, split)
    sides = _sides(rng, preset, len(subjects))
    objects = _layout(rng, preset, atlas, style, place, subjects, sides)
    if objects is None:
        return None
    return SceneSpec(preset.name, seed, split, style, place, time, variant, tuple(objects))


def _subjects(rng: Rng, preset: Preset, atlas: Atlas, style: str, place: str, split: str) -> list[_Subject]:
    """Hero first. One time in five the scene is about a number of equal things."""
    fitting = preset.concepts_at(atlas, place)
    weights = [(1, 42), (2, 36), (3, 22), (4, 8)][: preset.max_objects]
    n = min(rng.weighted(weights if split != "S2" else weights[1:]), len(fitting))
    # A concept at home in few places gets more of each, so that all concepts are seen about equally often.
    weighted = [(c, 60 // sum(p in preset.places for p in atlas.concepts[c].places)) for c in fitting]
    if n > 1 and split != "S2" and rng.chance(22):
        subject = _subject(rng, preset, atlas, style, rng.weighted(weighted), split)
        return [subject] * n
    chosen = []
    for _ in range(n):
        concept = rng.weighted(weighted)
        chosen.append(_subject(rng, preset, atlas, style, concept, split))
        weighted = [item for item in weighted if item[0] != concept]
    return chosen


def _subject(rng: Rng, preset: Preset, atlas: Atlas, style: str, concept: str, split: str) -> _Subject:
    colours = [c for c in atlas.concepts[concept].colours(style) if c in preset.colours]
    if split != "S1":
        colours = [c for c in colours if not is_held_out(f"S1|{c}|{concept}")]
    coloured = rng.chance(50 if split != "S1" else 85)
    return _Subject(concept, rng.pick(colours) if coloured and colours else None)


_HERO_WEIGHTS = {
    1: ((0.38, 18), (0.5, 42), (0.63, 40)),
    2: ((0.38, 40), (0.5, 60)),
    3: ((0.38, 65), (0.5, 35)),
    4: ((0.32, 60), (0.38, 40)),
}


def _sides(rng: Rng, preset: Preset, n: int) -> list[int]:
    """A hero of 35-65 % of the frame, company of 25-40 %."""

    def nearest(share: float) -> int:
        return min(preset.sides, key=lambda side: (abs(side - share * BINS), side))

    hero = nearest(rng.weighted(_HERO_WEIGHTS[n]))
    small = [side for side in preset.sides if side <= 0.4 * BINS and side <= hero] or [min(preset.sides)]
    return [hero] + [rng.pick(small) for _ in range(n - 1)]


def _layout(
    rng: Rng, preset: Preset, atlas: Atlas, style: str, place: str, subjects: list[_Subject], sides: list[int]
) -> list[SceneObject] | None:
    placed: list[SceneObject] = []
    boxes: list[tuple[float, float, float, float]] = []
    if len({s.concept for s in subjects}) == 1:
        sides = [min(sides) if len(sides) > 2 else sides[-1]] * len(sides)
    for subject, side in zip(subjects, sides, strict=True):
        for _ in range(_PLACEMENT_TRIES):
            candidate = _place(rng, preset, atlas, place, subject, side)
            if candidate is None:
                return None
            box = content_box(candidate, style, atlas)
            if all(_overlap(box, other) <= _MAX_OVERLAP for other in boxes):
                placed.append(candidate)
                boxes.append(box)
                break
        else:
            return None
    ranks = [_depth(o, atlas) for o in placed]
    return [o for _, o in sorted(zip(ranks, placed, strict=True), key=lambda pair: pair[0])]


def _depth(o: SceneObject, atlas: Atlas) -> tuple[int, int, int]:
    """Sky behind everything, then by base line; ties left to right."""
    sky = atlas.concepts[o.concept].placement == "sky"
    return (0 if sky else 1, 2 * o.y + o.s, o.x)


def _place(rng: Rng, preset: Preset, atlas: Atlas, place: str, subject: _Subject, side: int) -> SceneObject | None:
    snap = preset.snap
    left = snap * rng.below((BINS - side) // snap + 1)
    placement = atlas.concepts[subject.concept].placement
    if placement == "sky":
        tops = [top for top in range(0, BINS, snap) if top + side <= max(SKY_BOTTOM, side)]
    elif placement == "water" and place == "beach":
        tops = [top for top in range(0, BINS, snap) if WATER_BASES[0] <= top + side <= WATER_BASES[1]]
    else:
        tops = [top for top in range(0, BINS, snap) if GROUND_TOP[place] <= top + side <= GROUND_BOTTOM]
    if not tops:
        return None
    top = rng.pick(tops)
    flip = preset.flips and rng.chance(40)
    return SceneObject(subject.concept, subject.colour, left + side // 2, top + side // 2, side, flip)


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return width * height / smaller


def place_thing(rng: Rng, preset: Preset, atlas: Atlas, place: str, thing: SceneObject) -> SceneObject | None:
    """The thing at another spot where it can stand (or float, or fly) in this place; None where it cannot."""
    at = _place(rng, preset, atlas, place, _Subject(thing.concept, thing.colour), thing.s)
    return None if at is None else SceneObject(thing.concept, thing.colour, at.x, at.y, thing.s, thing.flip, thing.rotation)


def is_crowded(thing: SceneObject, others: Sequence[SceneObject], style: str, atlas: Atlas) -> bool:
    """Does the thing cover, or is it covered by, more of another one than the scene grammar allows?"""
    box = content_box(thing, style, atlas)
    return any(_overlap(box, content_box(o, style, atlas)) > _MAX_OVERLAP for o in others)


def in_drawing_order(objects: Sequence[SceneObject], atlas: Atlas) -> tuple[SceneObject, ...]:
    """Back to front: sky first, then by base line."""
    return tuple(sorted(objects, key=lambda o: _depth(o, atlas)))
