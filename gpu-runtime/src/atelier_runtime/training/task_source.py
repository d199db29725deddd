"""Tasks as training sees them: reference pictures, words, target pictures, and which squares of them matter most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from atelier_runtime.training.world_source import WorldSource, squares_of
from atelier_runtime.world.rng import mix
from atelier_runtime.world.spec import SceneSpec
from atelier_runtime.world.tasks.pictures import Picture, Scene
from atelier_runtime.world.tasks.registry import sample_task
from atelier_runtime.world.tasks.task_sample import TaskError, TaskSample

Square = tuple[float, float, float]
Box = tuple[float, float, float, float]

_REFERENCES = {"text-to-image": 0, "storyboard": 0, "style": 2, "compose": 4}
MAX_TRAINED_FRAMES = 3
"""Four frames with their layouts do not fit into the text tokens."""
_ATTEMPTS = 200


def max_references(tasks: Sequence[str]) -> int:
    """The most reference pictures that any of these tasks was trained with."""
    return max(_REFERENCES.get(task, 1) for task in tasks)


def max_outputs(tasks: Sequence[str]) -> int:
    """The most pictures that any of these tasks draws together."""
    return MAX_TRAINED_FRAMES if "storyboard" in tasks else 1


def is_trained(sample: TaskSample) -> bool:
    """Few enough frames, and scenes: the projection of the scenes cannot hold the lines of whole-picture looks."""
    return len(sample.targets) <= MAX_TRAINED_FRAMES and all(isinstance(target, Scene) for target in sample.targets)


@dataclass(frozen=True)
class DrawnTask:
    """references and targets: pictures uint8 [size, size, 3]; squares (centre x, centre y, side) of the objects of each
    target and boxes (left, top, right, bottom) of what the task changes in target 0, in bins."""

    task: str
    references: tuple[np.ndarray, ...]
    targets: tuple[np.ndarray, ...]
    text: str
    squares: tuple[list[Square], ...]
    changed: tuple[Box, ...]


class TaskSource:
    """Draws samples of one task from the world of a source."""

    def __init__(self, source: WorldSource) -> None:
        self.source = source

    def draw(self, task: str, seeds: Sequence[int], form: str) -> list[DrawnTask]:
        """One sample per seed, all with as many references and targets as that of the first seed, so that they form a batch.
        Errors: TaskError where the world is too small for the task."""
        shape: tuple[int, int] | None = None
        drawn = []
        for seed in seeds:
            sample = self._sample(task, int(seed), shape)
            shape = (len(sample.references), len(sample.targets))
            drawn.append(self._paint(sample, form))
        return drawn

    def _sample(self, task: str, seed: int, shape: tuple[int, int] | None) -> TaskSample:
        for attempt in range(_ATTEMPTS):
            at = seed & 0xFFFFFFFF if attempt == 0 else mix(seed & 0xFFFFFFFF, 41, attempt) & 0xFFFFFFFF
            sample = sample_task(task, at, self.source.preset, self.source.atlas, self.source.split)
            if is_trained(sample) and shape in (None, (len(sample.references), len(sample.targets))):
                return sample
        raise TaskError(f"no sample of {task} with {shape} references and targets in {_ATTEMPTS} seeds")

    def _paint(self, sample: TaskSample, form: str) -> DrawnTask:
        composer = self.source.composer
        return DrawnTask(
            task=sample.task,
            references=tuple(reference.picture.paint(composer) for reference in sample.references),
            targets=tuple(target.paint(composer) for target in sample.targets),
            text=sample.instructions[form],
            squares=tuple(squares_of(spec) for spec in _specs(sample.targets)),
            changed=sample.edit_boxes or (),
        )


def _specs(pictures: Sequence[Picture]) -> Iterator[SceneSpec]:
    return (picture.spec for picture in pictures if isinstance(picture, Scene))
