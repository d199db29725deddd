"""Held-out samples of every task, with one wording each, for scoring weights on more than the frozen prompts."""

from __future__ import annotations

from dataclasses import dataclass

from atelier_runtime.training.task_source import is_trained
from atelier_runtime.world.tasks.registry import sample_task
from atelier_runtime.world.tasks.task_sample import FORMS, TaskSample
from atelier_runtime.world.vocabulary import Atlas, preset

FIRST_SEED = 0xE5000000
"""Neither training nor the frozen prompts draw from here; the split is mixed into the stream besides."""
WORLD = "pilot"
SPLITS: dict[str, tuple[str, ...]] = {
    "text-to-image": ("S10", "S1", "S2", "S3"), "recolour": ("S10", "S1"), "add": ("S10", "S1"), "remove": ("S10",),
    "replace": ("S10", "S1"), "move": ("S10", "S2"), "background": ("S10", "S3"), "style": ("S10", "S4"), "identity": ("S10", "S6"),
    "compose": ("S10",), "edges": ("S10",), "depth": ("S10",), "mask": ("S10",), "sketch": ("S10",), "storyboard": ("S10",),
}  # fmt: skip
"""S10: new scenes of seen pairs; held out of training are S1 colours of concepts, S2 relations, S3 hours of places, S4 styles of
concepts, S6 whole concepts, which are never named."""
_REFERENCES_FIRST = frozenset({"recolour", "add", "remove", "replace", "move", "background", "style", "mask"})
_ATTEMPTS = 40


class NoSampleError(RuntimeError):
    """The world gives no sample of this task that the weights could have been trained for."""


@dataclass(frozen=True)
class TaskTrial:
    """A sample told in one of its wordings. `world` names the preset that its things come from."""

    sample: TaskSample
    form: str
    world: str

    @property
    def text(self) -> str:
        return self.sample.instructions[self.form]

    @property
    def edits_a_picture(self) -> bool:
        """Is there a picture that doing nothing would give back?"""
        return self.sample.task in _REFERENCES_FIRST


def trials(task: str, split: str, count: int, atlas: Atlas, forms: tuple[str, ...] = FORMS) -> list[TaskTrial]:
    """`count` trials whose wordings take turns; equal arguments give equal trials. Errors: NoSampleError, TaskError."""
    world = "unnamed" if split == "S6" else WORLD
    return [TaskTrial(_sample(task, split, number, world, atlas), forms[number % len(forms)], world) for number in range(count)]


def _sample(task: str, split: str, number: int, world: str, atlas: Atlas) -> TaskSample:
    for attempt in range(_ATTEMPTS):
        sample = sample_task(task, FIRST_SEED + number + attempt * 100_000, preset(world, atlas), atlas, split)
        if is_trained(sample):
            return sample
    raise NoSampleError(f"no {task} of split {split} within what is trained")
