"""Style transfer: the same scene in another drawing set or another look, named in words or shown by a second picture."""

from __future__ import annotations

from dataclasses import replace

from ..phrases import STYLE_WORDS
from ..rng import Rng
from ..spec import SceneSpec
from ..splits import is_held_out
from ..vocabulary import Atlas, Preset
from .edit_source import drawn_scenes
from .looks import LOOK_WORDS, LOOKS
from .pictures import Picture, Scene, Styled
from .task_sample import Reference, TaskError, TaskSample
from .wording import scene_questions

_TASK_SEED = 26
_ENGLISH = ("redraw it in {style} style", "make it {style}", "the same picture in {style} style", "turn this into {style}")
_CHINESE = ("用{style}风格重画", "改成{style}风格", "同样的画面，{style}风格", "变成{style}风格")
_ENGLISH_SHOWN = ("redraw the first picture in the style of the second", "the first picture in the look of the second")
_CHINESE_SHOWN = ("用第二张图的风格重画第一张图", "把第一张图改成第二张图的画风")
WORDS = {**STYLE_WORDS, **LOOK_WORDS}


def style_key(style: str, concept: str) -> str:
    """Key of split S4: a style and a concept that meet as a target."""
    return f"S4|{style}|{concept}"


def sample_style(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """Split `S4`: at least one thing of the target was held out of this style; training has none. Errors: TaskError."""
    scenes = split if split != "S4" else "S10"
    examples = drawn_scenes(_TASK_SEED + 100, seed, preset, atlas, "train")
    for rng, scene in drawn_scenes(_TASK_SEED, seed, preset, atlas, scenes):
        style = rng.pick([s for s in (*preset.styles, *LOOKS) if s != scene.style])
        held_out = any(is_held_out(style_key(style, o.concept)) for o in scene.objects)
        if held_out == (split == "S4") and _colours_survive(scene, style, atlas):
            return _sample(rng, seed, scene, style, next(examples)[1] if rng.chance(50) else None, preset, atlas, split)
    raise TaskError(f"no style of split {split} for seed {seed} in preset {preset.name}")


def _colours_survive(scene: SceneSpec, style: str, atlas: Atlas) -> bool:
    """Every recoloured thing has its colour in the new drawing set too."""
    return style in LOOKS or all(o.colour is None or o.colour in atlas.concepts[o.concept].colours(style) for o in scene.objects)


def in_style(scene: SceneSpec, style: str) -> Picture:
    return Styled(Scene(scene), style) if style in LOOKS else Scene(replace(scene, style=style))


def _sample(
    rng: Rng, seed: int, scene: SceneSpec, style: str, example: SceneSpec | None, preset: Preset, atlas: Atlas, split: str
) -> TaskSample:
    target = in_style(scene, style)
    references = [Reference("scene", Scene(scene))]
    words = {language: rng.pick(WORDS[style][language]) for language in ("en", "zh")}
    texts = {"layout": f"style. {style}.", "place": f"style. {style}."}
    texts |= {"en": rng.pick(_ENGLISH).format(style=words["en"]), "zh": rng.pick(_CHINESE).format(style=words["zh"])}
    if example is not None:
        references.append(Reference("style", in_style(example, style)))
        texts = {"layout": "style. <ref2>.", "place": "style. <ref2>.", "en": rng.pick(_ENGLISH_SHOWN), "zh": rng.pick(_CHINESE_SHOWN)}
    drawn = scene if style in LOOKS else replace(scene, style=style)
    return TaskSample(
        "style", seed, split, tuple(references), (target,), None, {"style": style, "shown": example is not None}, texts,
        scene_questions(drawn, preset, atlas), 1 + len(scene.objects) // 2 + (example is not None),
    )  # fmt: skip
