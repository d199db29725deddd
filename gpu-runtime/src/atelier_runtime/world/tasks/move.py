"""Move: one thing goes to another spot of the same scene."""

from __future__ import annotations

from dataclasses import replace

from ..relations import content_box, relation_between
from ..rng import Rng
from ..sample import in_drawing_order, is_crowded, place_thing
from ..spec import SceneObject, SceneSpec
from ..vocabulary import Atlas, Preset
from .edit_source import drawn_scenes, is_allowed
from .pictures import Scene
from .task_sample import Reference, TaskError, TaskSample, object_box
from .wording import is_unique, noun, noun_zh, presence, scene_questions, side_of, side_words, square, the_thing, whereabouts

_TASK_SEED = 24
_LEAST_SHIFT = 10
"""Bins: a smaller move would be hard to see."""
_ENGLISH = ("move {thing} {where}", "put {thing} {where}", "shift {thing} {where}", "slide {thing} {where}")
_CHINESE = ("把{thing}移到{where}", "将{thing}放到{where}", "把{thing}挪到{where}")
_INTO = {
    "on the left": "to the left", "in the middle": "to the middle", "on the right": "to the right",
}  # fmt: skip


def sample_move(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """Equal arguments give an equal sample. Errors: TaskError."""
    for rng, target in drawn_scenes(_TASK_SEED, seed, preset, atlas, split):
        choices = [i for i in range(len(target.objects)) if is_unique(target, i)]
        if not choices:
            continue
        index = rng.pick(choices)
        before = _spot_before(rng, target, index, preset, atlas)
        if before is None:
            continue
        others = [o for i, o in enumerate(target.objects) if i != index]
        reference = replace(target, objects=in_drawing_order([*others, before], atlas))
        if is_allowed(reference, atlas, split):
            return _sample(rng, seed, reference, target, before, index, preset, atlas, split)
    raise TaskError(f"no move of split {split} for seed {seed} in preset {preset.name}")


def _spot_before(rng: Rng, target: SceneSpec, index: int, preset: Preset, atlas: Atlas) -> SceneObject | None:
    thing = target.objects[index]
    others = [o for i, o in enumerate(target.objects) if i != index]
    for _ in range(40):
        spot = place_thing(rng, preset, atlas, target.place, thing)
        # Sides differ, so that "to the left" is a change wherever the instruction names a side.
        if (
            spot is not None
            and max(abs(spot.x - thing.x), abs(spot.y - thing.y)) >= _LEAST_SHIFT
            and side_of(spot) != side_of(thing)
            and not is_crowded(spot, others, target.style, atlas)
        ):
            return replace(spot, flip=thing.flip)
    return None


def _holds(spec: SceneSpec, thing: SceneObject, fact: dict, atlas: Atlas) -> bool:
    box = content_box(thing, spec.style, atlas)
    others = [o for o in spec.objects if o.concept == fact["to"]]
    return any(relation_between(box, content_box(o, spec.style, atlas)) == fact["relation"] for o in others)


def _sample(
    rng: Rng, seed: int, reference: SceneSpec, target: SceneSpec, before: SceneObject, index: int, preset: Preset, atlas: Atlas, split: str
) -> TaskSample:
    thing = target.objects[index]
    where, where_zh, fact = whereabouts(target, index, atlas, rng)
    if "relation" in fact and _holds(reference, before, fact, atlas):
        # Told so, doing nothing would be right: name the side of the frame, which always changes.
        where, where_zh, fact = side_words(side_of(thing))
    return TaskSample(
        "move", seed, split, (Reference("scene", Scene(reference)),), (Scene(target),), (object_box(before), object_box(thing)),
        {"concept": thing.concept, "from": [before.x, before.y], "at": [thing.x, thing.y], **fact},
        {
            "layout": f"move. {noun(thing, atlas)} <x{thing.x}><y{thing.y}>.",
            "place": f"move. {noun(thing, atlas)} {square(before)}. {square(thing)}.",
            "en": rng.pick(_ENGLISH).format(thing=the_thing(thing, atlas), where=_INTO.get(where, where)),
            "zh": rng.pick(_CHINESE).format(thing=noun_zh(thing, atlas), where=where_zh),
        },
        (presence(thing.concept, True, atlas), *scene_questions(target, preset, atlas)),
        len(target.objects),
    )  # fmt: skip
