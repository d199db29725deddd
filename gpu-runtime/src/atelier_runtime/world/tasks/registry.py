"""All tasks by name. Names are those of the network's task list."""

from __future__ import annotations

from collections.abc import Callable

from ..vocabulary import Atlas, Preset
from .add import sample_add
from .background import sample_background
from .control import sample_mask, sampler
from .knowledge.task import sample_knowledge
from .move import sample_move
from .recolour import sample_recolour_task
from .remove import sample_remove
from .replace_thing import sample_replace
from .storyboard import sample_storyboard
from .style import sample_style
from .subjects import sample_compose, sample_identity
from .task_sample import TaskSample
from .text import sample_text
from .text_to_image import sample_text_to_image

Sampler = Callable[..., TaskSample]

SAMPLERS: dict[str, Sampler] = {
    "add": sample_add, "remove": sample_remove, "replace": sample_replace, "recolour": sample_recolour_task, "move": sample_move,
    "background": sample_background, "style": sample_style, "identity": sample_identity, "compose": sample_compose,
    "edges": sampler("edges"), "depth": sampler("depth"), "mask": sample_mask, "sketch": sampler("sketch"), "storyboard": sample_storyboard,
    "text": sample_text, "knowledge": sample_knowledge, "text-to-image": sample_text_to_image,
}  # fmt: skip


class UnknownTaskError(KeyError):
    """No such task."""


def sample_task(task: str, seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """One sample; equal arguments give an equal sample everywhere. Errors: UnknownTaskError, TaskError."""
    if task not in SAMPLERS:
        raise UnknownTaskError(f"no task {task!r}; there are {', '.join(SAMPLERS)}")
    return SAMPLERS[task](seed, preset, atlas, split)
