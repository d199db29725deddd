"""Add: one more thing appears in a scene that stays as it is."""

from __future__ import annotations

from dataclasses import replace

from ..rng import Rng
from ..spec import SceneSpec
from ..vocabulary import Atlas, Preset
from .edit_source import drawn_scenes
from .pictures import Scene
from .task_sample import Reference, TaskError, TaskSample, object_box
from .wording import a_thing, a_thing_zh, is_unique, noun, presence, scene_questions, square, whereabouts

_TASK_SEED = 21
_ENGLISH = (
    "add {thing} {where}",
    "put {thing} {where}",
    "place {thing} {where}",
    "there should be {thing} {where}",
    "draw {thing} {where}",
)
_CHINESE = ("在{where}添加{thing}", "在{where}放{thing}", "在{where}画{thing}", "{where}加上{thing}")


def sample_add(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """Equal arguments give an equal sample. Errors: TaskError."""
    for rng, target in drawn_scenes(_TASK_SEED, seed, preset, atlas, split):
        choices = [i for i in range(len(target.objects)) if is_unique(target, i)]
        # An empty reference is the easy case: one time in four is enough.
        if choices and (len(target.objects) > 1 or rng.chance(25)):
            return _sample(rng, seed, target, rng.pick(choices), preset, atlas, split)
    raise TaskError(f"no add of split {split} for seed {seed} in preset {preset.name}")


def _sample(rng: Rng, seed: int, target: SceneSpec, added: int, preset: Preset, atlas: Atlas, split: str) -> TaskSample:
    thing = target.objects[added]
    reference = replace(target, objects=tuple(o for i, o in enumerate(target.objects) if i != added))
    where, where_zh, fact = whereabouts(target, added, atlas, rng)
    return TaskSample(
        "add", seed, split, (Reference("scene", Scene(reference)),), (Scene(target),), (object_box(thing),),
        {"concept": thing.concept, "colour": thing.colour, **fact},
        {
            "layout": f"add. {noun(thing, atlas)}.",
            "place": f"add. {noun(thing, atlas)} {square(thing)}.",
            "en": rng.pick(_ENGLISH).format(thing=a_thing(thing, atlas), where=where),
            "zh": rng.pick(_CHINESE).format(thing=a_thing_zh(thing, atlas), where=where_zh),
        },
        (presence(thing.concept, True, atlas), *scene_questions(target, preset, atlas)),
        len(target.objects),
    )  # fmt: skip
