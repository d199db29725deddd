"""Control: a picture that follows given outlines, depth, a sketch, or fills what a mask took out."""

from __future__ import annotations

from collections.abc import Callable

from ..captions import caption
from ..rng import Rng
from ..spec import BINS, SceneSpec
from ..vocabulary import Atlas, Preset
from .edit_source import drawn_scenes
from .pictures import Box, ControlMap, Holed, Scene
from .task_sample import Reference, TaskError, TaskSample, object_box
from .wording import noun, opening, scene_questions, square

_SEEDS = {"edges": 31, "depth": 32, "sketch": 33, "mask": 34}
_MAP_WORDS = {
    "edges": (("follow these outlines: ", "with exactly these edges: "), ("按照这些轮廓：", "保持这些边缘：")),
    "depth": (("with this depth: ", "follow this depth map: "), ("按照这张深度图：", "保持这样的远近：")),
    "sketch": (("turn this sketch into a picture: ", "colour this sketch: "), ("把这张草图画完整：", "给这张草图上色：")),
}  # fmt: skip
_FILL_WORDS = {
    True: (("fill the hole: ", "complete the missing part: "), ("补全缺失的部分：", "填补空白处：")),
    False: (("continue the picture beyond its border: ", "extend this picture: "), ("把画面向外扩展：", "延伸这张图：")),
}  # fmt: skip


def sampler(what: str) -> Callable[..., TaskSample]:
    """The sampler of `edges`, `depth` or `sketch`."""

    def sample(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
        for rng, target in drawn_scenes(_SEEDS[what], seed, preset, atlas, split):
            picture = ControlMap(what, target)
            english, chinese = (rng.pick(words) for words in _MAP_WORDS[what])
            return _sample(what, seed, split, target, Reference(what, picture), None, english, chinese, rng, preset, atlas)
        raise TaskError(f"no {what} of split {split} for seed {seed} in preset {preset.name}")

    return sample


def sample_mask(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """A hole around one thing or somewhere else (inpainting), or a frame around a middle part (outpainting).
    Equal arguments give an equal sample. Errors: TaskError."""
    for rng, target in drawn_scenes(_SEEDS["mask"], seed, preset, atlas, split):
        inside = rng.chance(65)
        box = _hole(rng, target) if inside else _middle(rng, target)
        boxes = (box,) if inside else _around(box)
        english, chinese = (rng.pick(words) for words in _FILL_WORDS[inside])
        return _sample(
            "mask", seed, split, target, Reference("mask", Holed(target, box, inside)), boxes, english, chinese, rng, preset, atlas
        )
    raise TaskError(f"no mask of split {split} for seed {seed} in preset {preset.name}")


def _hole(rng: Rng, target: SceneSpec) -> Box:
    if rng.chance(70):
        return object_box(rng.pick(target.objects))
    width, height = 14 + 2 * rng.below(9), 14 + 2 * rng.below(9)
    left, top = rng.below(BINS - width + 1), rng.below(BINS - height + 1)
    return left, top, left + width, top + height


def _middle(rng: Rng, target: SceneSpec) -> Box:
    """What stays when the rest must be continued: a part that holds the largest thing, if that leaves something to draw."""
    hero = max(target.objects, key=lambda o: o.s)
    side = max(34, min(46, hero.s + 10))
    left = max(0, min(BINS - side, hero.x - side // 2 + rng.below(5) - 2))
    top = max(0, min(BINS - side, hero.y - side // 2 + rng.below(5) - 2))
    return left, top, left + side, top + side


def _around(box: Box) -> tuple[Box, ...]:
    left, top, right, bottom = box
    sides = ((0, 0, BINS, top), (0, bottom, BINS, BINS), (0, top, left, bottom), (right, top, BINS, bottom))
    return tuple(b for b in sides if b[2] > b[0] and b[3] > b[1])


def _sample(
    task: str, seed: int, split: str, target: SceneSpec, reference: Reference, boxes: tuple[Box, ...] | None, english: str, chinese: str,
    rng: Rng, preset: Preset, atlas: Atlas,
) -> TaskSample:  # fmt: skip
    density = "short" if rng.chance(70) else "dense"
    things = " ".join(f"{noun(o, atlas)}." for o in target.objects)
    placed = " ".join(f"{noun(o, atlas)} {square(o)}." for o in target.objects)
    hole = {"box": list(reference.picture.box), "inside": reference.picture.inside} if isinstance(reference.picture, Holed) else {}
    return TaskSample(
        task, seed, split, (reference,), (Scene(target),), boxes, {"place": target.place, "time": target.time, **hole},
        {
            "layout": f"{task}. {opening(target)} {things}",
            "place": f"{task}. {opening(target)} {placed}",
            "en": english + caption(target, "en", density, seed, atlas),
            "zh": chinese + caption(target, "zh", density, seed, atlas),
        },
        scene_questions(target, preset, atlas), len(target.objects) + 1,
    )  # fmt: skip
