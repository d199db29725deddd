"""Remove: one thing goes, with its shadow; what it hid comes to light."""

from __future__ import annotations

from dataclasses import replace

from ..rng import Rng
from ..spec import SceneSpec
from ..vocabulary import Atlas, Preset
from .edit_source import drawn_scenes
from .pictures import Scene
from .task_sample import Reference, TaskError, TaskSample, object_box
from .wording import is_unique, noun, noun_zh, presence, scene_questions, square, the_thing

_TASK_SEED = 22
_ENGLISH = ("remove {thing}", "delete {thing}", "take {thing} away", "erase {thing}", "the picture without {thing}", "get rid of {thing}")
_CHINESE = ("去掉{thing}", "删除{thing}", "把{thing}移除", "擦掉{thing}", "不要{thing}")


def sample_remove(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """Equal arguments give an equal sample. Errors: TaskError."""
    for rng, reference in drawn_scenes(_TASK_SEED, seed, preset, atlas, split):
        choices = [i for i in range(len(reference.objects)) if is_unique(reference, i)]
        if choices and (len(reference.objects) > 1 or rng.chance(25)):
            return _sample(rng, seed, reference, rng.pick(choices), preset, atlas, split)
    raise TaskError(f"no remove of split {split} for seed {seed} in preset {preset.name}")


def _sample(rng: Rng, seed: int, reference: SceneSpec, removed: int, preset: Preset, atlas: Atlas, split: str) -> TaskSample:
    thing = reference.objects[removed]
    target = replace(reference, objects=tuple(o for i, o in enumerate(reference.objects) if i != removed))
    return TaskSample(
        "remove", seed, split, (Reference("scene", Scene(reference)),), (Scene(target),), (object_box(thing),),
        {"concept": thing.concept, "colour": thing.colour},
        {
            "layout": f"remove. {noun(thing, atlas)}.",
            "place": f"remove. {noun(thing, atlas)} {square(thing)}.",
            "en": rng.pick(_ENGLISH).format(thing=the_thing(thing, atlas)),
            "zh": rng.pick(_CHINESE).format(thing=noun_zh(thing, atlas)),
        },
        (presence(thing.concept, False, atlas), *scene_questions(target, preset, atlas)),
        len(reference.objects),
    )  # fmt: skip
