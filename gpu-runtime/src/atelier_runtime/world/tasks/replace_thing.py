"""Replace: another thing stands where one stood."""

from __future__ import annotations

from dataclasses import replace

from ..rng import Rng
from ..spec import SceneObject, SceneSpec
from ..splits import is_held_out
from ..vocabulary import Atlas, Preset
from .edit_source import drawn_scenes, is_allowed
from .pictures import Scene
from .task_sample import Reference, TaskError, TaskSample, object_box
from .wording import a_thing, a_thing_zh, is_unique, noun, noun_zh, presence, scene_questions, square, the_thing

_TASK_SEED = 23
_ENGLISH = ("replace {old} with {new}", "turn {old} into {new}", "swap {old} for {new}", "change {old} to {new}", "{new} instead of {old}")
_CHINESE = ("把{old}换成{new}", "用{new}替换{old}", "把{old}变成{new}", "将{old}替换为{new}")


def sample_replace(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """Equal arguments give an equal sample. Errors: TaskError."""
    for rng, target in drawn_scenes(_TASK_SEED, seed, preset, atlas, split):
        choices = [i for i in range(len(target.objects)) if is_unique(target, i)]
        if not choices:
            continue
        index = rng.pick(choices)
        before = _thing_before(rng, target, index, preset, atlas)
        if before is None:
            continue
        reference = replace(target, objects=tuple(before if i == index else o for i, o in enumerate(target.objects)))
        if is_allowed(reference, atlas, split):
            return _sample(rng, seed, reference, target, index, preset, atlas, split)
    raise TaskError(f"no replace of split {split} for seed {seed} in preset {preset.name}")


def _thing_before(rng: Rng, target: SceneSpec, index: int, preset: Preset, atlas: Atlas) -> SceneObject | None:
    """Another concept that can stand in the same square of this place."""
    new = target.objects[index]
    placement, present = atlas.concepts[new.concept].placement, {o.concept for o in target.objects}
    able = [
        c for c in preset.concepts_at(atlas, target.place) if c not in present and _stands_alike(atlas.concepts[c].placement, placement)
    ]
    if not able:
        return None
    concept = rng.pick(able)
    colours = [c for c in atlas.concepts[concept].colours(target.style) if c in preset.colours and not is_held_out(f"S1|{c}|{concept}")]
    return replace(new, concept=concept, colour=rng.pick(colours) if colours and rng.chance(40) else None)


def _stands_alike(a: str, b: str) -> bool:
    return a == b or {a, b} <= {"ground", "table"}


def _sample(
    rng: Rng, seed: int, reference: SceneSpec, target: SceneSpec, index: int, preset: Preset, atlas: Atlas, split: str
) -> TaskSample:
    old, new = reference.objects[index], target.objects[index]
    return TaskSample(
        "replace", seed, split, (Reference("scene", Scene(reference)),), (Scene(target),), (object_box(new),),
        {"old": old.concept, "concept": new.concept, "colour": new.colour},
        {
            "layout": f"replace. {noun(old, atlas)} {noun(new, atlas)}.",
            "place": f"replace. {noun(old, atlas)} {noun(new, atlas)} {square(new)}.",
            "en": rng.pick(_ENGLISH).format(old=the_thing(old, atlas), new=a_thing(new, atlas)),
            "zh": rng.pick(_CHINESE).format(old=noun_zh(old, atlas), new=a_thing_zh(new, atlas)),
        },
        (presence(old.concept, False, atlas), presence(new.concept, True, atlas), *scene_questions(target, preset, atlas)),
        len(target.objects),
    )  # fmt: skip
