"""Text to image as a task like the others: a scene and its captions."""

from __future__ import annotations

from ..captions import DENSITIES, LANGUAGES, caption
from ..rng import Rng, mix
from ..sample import SamplingError, sample_scene
from ..vocabulary import Atlas, Preset
from .pictures import Scene
from .task_sample import TaskError, TaskSample
from .wording import scene_questions


def sample_text_to_image(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """The scene of this seed (`world.sample`), not another one. Equal arguments give an equal sample. Errors: TaskError."""
    try:
        spec = sample_scene(seed, preset, atlas, split)
    except SamplingError as error:
        raise TaskError(str(error)) from error
    layout = caption(spec, "en", "layout", 0, atlas)
    density = "dense" if Rng(mix(seed, 36)).chance(50) else "short"
    every = {f"{d}_{language}": caption(spec, language, d, seed, atlas) for d in DENSITIES[1:] for language in LANGUAGES}
    return TaskSample(
        "text-to-image", seed, split, (), (Scene(spec),), None, {"place": spec.place, "time": spec.time, "style": spec.style},
        {"layout": layout, "place": layout, "en": every[f"{density}_en"], "zh": every[f"{density}_zh"]},
        scene_questions(spec, preset, atlas), len(spec.objects), {form: (text,) for form, text in every.items()},
    )  # fmt: skip
