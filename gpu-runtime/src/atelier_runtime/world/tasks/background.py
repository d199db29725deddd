"""Background: the same things, in the same spots, at another place or another time of day."""

from __future__ import annotations

from dataclasses import replace

from ..rng import Rng
from ..sample import GROUND_BOTTOM, GROUND_TOP, SKY_BOTTOM, WATER_BASES
from ..spec import SceneObject, SceneSpec
from ..vocabulary import Atlas, Preset
from .edit_source import drawn_scenes, is_allowed
from .pictures import Scene
from .task_sample import Reference, TaskError, TaskSample
from .wording import scene_questions, setting

_TASK_SEED = 25
_ENGLISH = (
    "change the background: now it is {where}",
    "put everything {where}",
    "the same picture, but {where}",
    "make it look as if it were {where}",
)
_CHINESE = ("把背景换成{where}", "同样的画面，但是在{where}", "将场景改到{where}", "背景改为{where}")


def sample_background(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """Equal arguments give an equal sample. Errors: TaskError."""
    for rng, target in drawn_scenes(_TASK_SEED, seed, preset, atlas, split):
        before = _setting_before(rng, target, preset, atlas)
        if before is not None and is_allowed(before, atlas, split):
            return _sample(rng, seed, before, target, preset, atlas, split)
    raise TaskError(f"no background of split {split} for seed {seed} in preset {preset.name}")


def _setting_before(rng: Rng, target: SceneSpec, preset: Preset, atlas: Atlas) -> SceneSpec | None:
    places = [p for p in preset.places if p != target.place and all(stands_at(o, p, atlas) for o in target.objects)]
    times = [t for t in preset.times if t != target.time]
    new_place = bool(places) and rng.chance(70)
    if not new_place and not times:
        return None
    return replace(
        target,
        place=rng.pick(places) if new_place else target.place,
        time=rng.pick(times) if times and (not new_place or rng.chance(50)) else target.time,
        variant=rng.below(preset.variants),
    )


def stands_at(o: SceneObject, place: str, atlas: Atlas) -> bool:
    """Is the thing at home at this place, and its base line where that place has ground (water, sky) for it?"""
    concept, base = atlas.concepts[o.concept], o.y + o.s / 2
    if place not in concept.places:
        return False
    if concept.placement == "sky":
        return base <= max(SKY_BOTTOM, o.s)
    if concept.placement == "water" and place == "beach":
        return WATER_BASES[0] <= base <= WATER_BASES[1]
    return GROUND_TOP[place] <= base <= GROUND_BOTTOM


def _sample(rng: Rng, seed: int, reference: SceneSpec, target: SceneSpec, preset: Preset, atlas: Atlas, split: str) -> TaskSample:
    where, where_zh = setting(target, rng)
    place = f"background. {target.place} at {target.time} <v{target.variant}>."
    return TaskSample(
        "background", seed, split, (Reference("scene", Scene(reference)),), (Scene(target),), None,
        {"place": target.place, "time": target.time, "variant": target.variant},
        {
            "layout": place,
            "place": place,
            "en": rng.pick(_ENGLISH).format(where=where),
            "zh": rng.pick(_CHINESE).format(where=where_zh),
        },
        scene_questions(target, preset, atlas),
        1 + (reference.place != target.place) + (reference.time != target.time),
    )  # fmt: skip
