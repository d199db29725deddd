"""Split S8: two edits asked for in one instruction. Training asks for one at a time, so this task is not among `SAMPLERS`."""

from __future__ import annotations

from dataclasses import replace

from ..edits import EditSample, edit_caption, sample_recolour
from ..rng import Rng, mix
from ..sample import SamplingError
from ..spec import SceneObject, SceneSpec
from ..vocabulary import Atlas, Preset
from .pictures import Scene
from .task_sample import FORMS, Reference, TaskError, TaskQuestion, TaskSample, object_box
from .wording import a_thing, a_thing_zh, is_unique, noun, noun_zh, presence, scene_questions, side_of, side_words, square, the_thing

_TASK_SEED = 28
_ATTEMPTS = 200
_SECOND = ("remove", "add")


def sample_two_steps(seed: int, preset: Preset, atlas: Atlas) -> TaskSample:
    """One thing is recoloured and another one comes or goes; `task` names the step that is asked for first.
    The scenes touch no held-out key: what is new is the pair of steps. Errors: TaskError."""
    for attempt in range(_ATTEMPTS):
        rng = Rng(mix(seed, _TASK_SEED, attempt))
        try:
            recolour = sample_recolour(mix(seed, _TASK_SEED, 11, attempt), preset, atlas, "S10")
        except SamplingError:
            continue
        others = [i for i in range(len(recolour.target.objects)) if i != recolour.changed and is_unique(recolour.target, i)]
        if others:
            return _sample(rng, seed, recolour, rng.pick(others), rng.pick(_SECOND), preset, atlas)
    raise TaskError(f"no two-step edit for seed {seed} in preset {preset.name}")


def _sample(rng: Rng, seed: int, recolour: EditSample, other: int, second: str, preset: Preset, atlas: Atlas) -> TaskSample:
    thing, coming = recolour.target.objects[other], second == "add"
    reference = _without(recolour.reference, other) if coming else recolour.reference
    target = recolour.target if coming else _without(recolour.target, other)
    order = ("recolour", second) if rng.chance(50) else (second, "recolour")
    said = {
        "recolour": {form: edit_caption(recolour, form, seed, atlas) for form in FORMS},
        second: _added_or_removed(thing, coming, atlas),
    }
    changed = recolour.object
    now: tuple[TaskQuestion, ...] = (presence(thing.concept, coming, atlas), presence(changed.concept, True, atlas))
    return TaskSample(
        order[0], seed, "S8", (Reference("scene", Scene(reference)),), (Scene(target),), (object_box(changed), object_box(thing)),
        {
            "steps": list(order), "concept": changed.concept, "old": recolour.reference.objects[recolour.changed].colour,
            "colour": changed.colour, "other": thing.concept,
        },
        {form: _joined(form, *(said[step][form] for step in order)) for form in FORMS},
        (*now, *scene_questions(target, preset, atlas)),
        len(target.objects) + 1,
    )  # fmt: skip


def _without(spec: SceneSpec, index: int) -> SceneSpec:
    return replace(spec, objects=tuple(o for i, o in enumerate(spec.objects) if i != index))


def _added_or_removed(thing: SceneObject, coming: bool, atlas: Atlas) -> dict[str, str]:
    where, where_zh, _ = side_words(side_of(thing))
    step = "add" if coming else "remove"
    return {
        "layout": f"{step}. {noun(thing, atlas)}.",
        "place": f"{step}. {noun(thing, atlas)} {square(thing)}.",
        "en": f"add {a_thing(thing, atlas)} {where}" if coming else f"remove {the_thing(thing, atlas)}",
        "zh": f"在{where_zh}添加{a_thing_zh(thing, atlas)}" if coming else f"去掉{noun_zh(thing, atlas)}",
    }


def _joined(form: str, first: str, then: str) -> str:
    return {"en": f"{first}, and {then}", "zh": f"{first}，同时{then}"}.get(form, f"{first} {then}")
