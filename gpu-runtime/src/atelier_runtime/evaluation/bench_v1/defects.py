"""True results with one planted defect each: which of them do the judges find? A judge that misses a defect cannot reward its absence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from atelier_runtime.world.rng import Rng, mix
from atelier_runtime.world.sample import in_drawing_order, is_crowded, place_thing
from atelier_runtime.world.spec import BINS, SceneObject, SceneSpec
from atelier_runtime.world.tasks.pictures import Picture, Scene
from atelier_runtime.world.tasks.text import TextPicture
from atelier_runtime.world.vocabulary import Preset, preset

from ..controls import blurred_patch, object_square
from .entries import Entry
from .measures import altered, rewritten
from .scorer import TaskScorer

DEFECTS = (
    "missing",
    "surplus",
    "other_concept",
    "wrong_colour",
    "swapped",
    "blurred",
    "rest_changed",
    "nothing_done",
    "wrong_text",
    "wrong_value",
)
EXPECTED = {
    "missing": ("present", "count", "identity", "edit_done"),
    "surplus": ("count", "present", "edit_done", "untouched"),
    "other_concept": ("present", "count", "identity", "edit_done"),
    "wrong_colour": ("colour", "identity", "edit_done"),
    "swapped": ("relation",),
    "blurred": ("present", "count", "identity", "colour"),
    "rest_changed": ("untouched",),
    "nothing_done": ("edit_done",),
    "wrong_text": ("text",),
    "wrong_value": ("text",),
}
"""Which verdicts a defect may turn: it counts as found when one of these is wrong that was right without the defect."""


@dataclass(frozen=True, slots=True)
class Planted:
    defect: str
    pictures: list[np.ndarray]


def plant(defect: str, entry: Entry, scorer: TaskScorer) -> Planted | None:
    """The prompt's true result with this defect in its last picture; None where the defect cannot be there."""
    composer, frame = scorer.composer, len(entry.targets) - 1
    target = entry.targets[frame]
    rng = Rng(mix(entry.seed, 0xDEF, DEFECTS.index(defect)))
    pictures = [t.paint(composer) for t in entry.targets]
    if defect in ("wrong_text", "wrong_value", "nothing_done", "rest_changed"):
        changed = _whole_picture_defect(defect, entry, target, rng, scorer)
    elif isinstance(target, Scene):
        changed = _blurred(target.spec, scorer, rng) if defect == "blurred" else _scene_defect(defect, entry, frame, rng, scorer)
    else:
        changed = None
    if changed is None or np.array_equal(changed, pictures[frame]):
        return None
    pictures[frame] = changed
    return Planted(defect, pictures)


def _whole_picture_defect(defect: str, entry: Entry, target: Picture, rng: Rng, scorer: TaskScorer) -> np.ndarray | None:
    composer = scorer.composer
    if defect == "wrong_text" and isinstance(target, TextPicture):
        wrong = next(str(q.expected) for q in entry.questions if q.kind == "text" and not q.answer)
        return rewritten(target, wrong).paint(composer)
    if defect == "wrong_value" and entry.task == "knowledge":
        return altered(target).paint(composer)
    if defect == "nothing_done" and entry.edit_boxes is not None and entry.references:
        return entry.references[0].picture.paint(composer)
    if defect == "rest_changed" and entry.edit_boxes is not None and entry.references:
        picture = target.paint(composer).astype(np.float32)
        gain = np.array([0.86 + 0.28 * rng.unit() for _ in range(3)], np.float32)
        gain[rng.below(3)] *= 0.88
        return np.clip(picture * gain, 0, 255).astype(np.uint8)
    return None


def _asked(entry: Entry, frame: int, kind: str) -> list[int]:
    """Objects of the frame that a question of this kind, to be affirmed, asks about."""
    concepts = {q.about.concept for q in entry.questions if q.about and q.frame == frame and q.kind == kind and q.answer}
    scene = entry.scene(frame)
    return [i for i, o in enumerate(scene.objects) if o.concept in concepts] if scene else []


def _scene_defect(defect: str, entry: Entry, frame: int, rng: Rng, scorer: TaskScorer) -> np.ndarray | None:
    spec, world = entry.targets[frame].spec, preset(entry.preset, scorer.atlas)
    objects = {
        "missing": _missing, "surplus": _surplus, "other_concept": _other_concept, "wrong_colour": _wrong_colour, "swapped": _swapped,
    }[defect](entry, frame, spec, world, rng, scorer)  # fmt: skip
    return None if objects is None else scorer.composer.render([replace(spec, objects=in_drawing_order(objects, scorer.atlas))])[0]


Objects = list[SceneObject] | None


def _missing(entry: Entry, frame: int, spec: SceneSpec, world: Preset, rng: Rng, scorer: TaskScorer) -> Objects:  # noqa: ARG001
    asked = _asked(entry, frame, "present")
    if not asked:
        return None
    gone = spec.objects[rng.pick(asked)].concept
    return [o for o in spec.objects if o.concept != gone]


def _surplus(entry: Entry, frame: int, spec: SceneSpec, world: Preset, rng: Rng, scorer: TaskScorer) -> Objects:  # noqa: ARG001
    asked = _asked(entry, frame, "count")
    if not asked:
        return None
    twin = spec.objects[rng.pick(asked)]
    twin = replace(twin, s=min(s for s in world.sides if s >= 24) if max(world.sides) >= 24 else twin.s)
    for _ in range(60):
        spot = place_thing(rng, world, scorer.atlas, spec.place, twin)
        if spot is not None and not is_crowded(spot, spec.objects, spec.style, scorer.atlas):
            return [*spec.objects, spot]
    return None


def _other_concept(entry: Entry, frame: int, spec: SceneSpec, world: Preset, rng: Rng, scorer: TaskScorer) -> Objects:
    asked = _asked(entry, frame, "present")
    if not asked:
        return None
    old, present = spec.objects[rng.pick(asked)].concept, {o.concept for o in spec.objects}
    able = [c for c in world.concepts_at(scorer.atlas, spec.place) if c not in present]
    if not able:
        return None
    new = rng.pick(able)
    keep_colour = {o.colour for o in spec.objects if o.concept == old} <= {None, *scorer.atlas.concepts[new].colours(spec.style)}
    return [replace(o, concept=new, colour=o.colour if keep_colour else None) if o.concept == old else o for o in spec.objects]


def _wrong_colour(entry: Entry, frame: int, spec: SceneSpec, world: Preset, rng: Rng, scorer: TaskScorer) -> Objects:
    asked = _asked(entry, frame, "colour")
    if not asked:
        return None
    old = spec.objects[asked[0]]
    able = [c for c in scorer.atlas.concepts[old.concept].colours(spec.style) if c in world.colours and c != old.colour]
    if not able:
        return None
    new = rng.pick(able)
    return [replace(o, colour=new) if o.concept == old.concept else o for o in spec.objects]


def _swapped(entry: Entry, frame: int, spec: SceneSpec, world: Preset, rng: Rng, scorer: TaskScorer) -> Objects:  # noqa: ARG001
    """The two things of a relation change places; each keeps its size and stands on the other's foot."""
    asked = [q.about for q in entry.questions if q.about and q.frame == frame and q.kind == "relation" and q.answer]
    if not asked:
        return None
    a, b = (next(o for o in spec.objects if o.concept == c) for c in (asked[0].concept, asked[0].other))

    def at(thing: SceneObject, other: SceneObject) -> SceneObject:
        half = thing.s // 2
        x = min(BINS - half, max(half, other.x))
        return replace(thing, x=x, y=max(half, min(BINS - half, other.y + other.s // 2 - half)))

    swapped = {id(a): at(a, b), id(b): at(b, a)}
    return [swapped.get(id(o), o) for o in spec.objects]


def _blurred(spec: SceneSpec, scorer: TaskScorer, rng: Rng) -> np.ndarray | None:
    """One thing, the largest, as a soft patch of its own colours."""
    if not spec.objects:
        return None
    composer = scorer.composer
    name = max(spec.objects, key=lambda o: o.s).concept
    picture = composer.render([spec])[0].copy()
    ground = composer.background(spec.place, spec.time, spec.variant)
    for o in spec.objects:
        if o.concept == name:
            left, top, right, bottom = object_square(o, composer.size_px)
            picture[top:bottom, left:right] = blurred_patch(picture[top:bottom, left:right], ground[top:bottom, left:right], 9)
    return picture


def find_defects(entries: list[Entry], scorer: TaskScorer, defects: tuple[str, ...] = DEFECTS) -> dict[str, dict]:
    """Per defect: planted, found, share, and the ids where it was missed."""
    planted, missed = defaultdict(int), defaultdict(list)
    for entry in entries:
        clean: list | None = None
        for defect in defects:
            broken = plant(defect, entry, scorer)
            if broken is None:
                continue
            clean = clean or scorer.judge(entry, [t.paint(scorer.composer) for t in entry.targets])
            able = [i for i, v in enumerate(clean) if v.kind in EXPECTED[defect]]
            if not able:
                continue
            planted[defect] += 1
            seen = scorer.judge(entry, broken.pictures)
            if not any(clean[i].right and not seen[i].right for i in able):
                missed[defect].append(entry.id)
    return {
        d: {
            "planted": planted[d],
            "found": planted[d] - len(missed[d]),
            "share": round(1 - len(missed[d]) / planted[d], 4),
            "missed": missed[d],
        }
        for d in defects
        if planted[d]
    }
