"""Recolour: one thing gets another colour. The tuple itself comes from `world.edits`; this gives it the form of a task."""

from __future__ import annotations

from ..edits import edit_caption, sample_recolour
from ..questions import Question
from ..sample import SamplingError
from ..vocabulary import Atlas, Preset
from .pictures import Scene
from .task_sample import FORMS, Reference, TaskError, TaskQuestion, TaskSample, object_box
from .wording import scene_questions, task_question


def sample_recolour_task(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """Equal arguments give an equal sample. Errors: TaskError."""
    try:
        edit = sample_recolour(seed, preset, atlas, split)
    except SamplingError as error:
        raise TaskError(str(error)) from error
    thing = edit.object
    old = edit.reference.objects[edit.changed].colour
    return TaskSample(
        "recolour", seed, split, (Reference("scene", Scene(edit.reference)),), (Scene(edit.target),), (object_box(thing),),
        {"concept": thing.concept, "old": old, "colour": thing.colour},
        {form: edit_caption(edit, form, seed, atlas) for form in FORMS},
        (*_colour_now(thing.concept, old, str(thing.colour), atlas), *scene_questions(edit.target, preset, atlas)),
        len(edit.target.objects),
    )  # fmt: skip


def _colour_now(concept: str, old: str | None, new: str, atlas: Atlas) -> tuple[TaskQuestion, ...]:
    c = atlas.concepts[concept]

    def ask(colour: str, answer: bool) -> TaskQuestion:
        en, zh = f"Is the {c.name} {colour} now?", f"{c.name_zh}现在是{_zh(colour)}的吗？"
        return task_question(Question("colour", answer, concept, None, colour, None, None, (), 2, en, zh))

    return (ask(new, True), ask(old, False)) if old else (ask(new, True),)


def _zh(colour: str) -> str:
    from ..phrases import COLOUR_WORDS

    return COLOUR_WORDS[colour]["zh"][0]
