"""One example of a task: what is given, what is asked in which words, what must come out, and what must stay."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..questions import Question
from ..spec import BINS, SceneObject
from .pictures import Box, Picture, as_dict

FORMS = ("layout", "place", "en", "zh")
"""`layout` is the model's own short language, `place` also says where, `en` and `zh` are sentences a person would write."""
ROLES = ("scene", "subject", "style", "background", "edges", "depth", "mask", "sketch")


class TaskError(RuntimeError):
    """No sample of this task exists for the seed: the preset is too small for it."""


@dataclass(frozen=True, slots=True)
class Reference:
    role: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class TaskQuestion:
    """A yes/no question about target picture `frame`. Scene questions carry the fact asked (`about`); questions about
    writing and values carry what must be read (`expected`)."""

    kind: str
    answer: bool
    en: str
    zh: str
    tier: int
    frame: int = 0
    about: Question | None = None
    expected: str | None = None

    def as_dict(self) -> dict:
        about = None if self.about is None else {key: getattr(self.about, key) for key in Question.__slots__}
        return {
            "kind": self.kind, "answer": self.answer, "en": self.en, "zh": self.zh, "tier": self.tier, "frame": self.frame,
            "about": about, "expected": self.expected,
        }  # fmt: skip


@dataclass(frozen=True)
class TaskSample:
    """`edit_boxes`: the only parts (bins) in which target 0 may differ from reference 0; None where nothing need stay.
    `facts`: what the instruction says, as data. `difficulty`: 1 (one thing) to 5."""

    task: str
    seed: int
    split: str
    references: tuple[Reference, ...]
    targets: tuple[Picture, ...]
    edit_boxes: tuple[Box, ...] | None
    facts: dict[str, object]
    instructions: dict[str, str]
    questions: tuple[TaskQuestion, ...]
    difficulty: int = 1
    extra_texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Per form, one text for each target where the targets are told apart (storyboards)."""

    def as_dict(self) -> dict:
        return {
            "task": self.task, "seed": self.seed, "split": self.split, "difficulty": self.difficulty, "facts": self.facts,
            "references": [{"role": r.role, "picture": as_dict(r.picture)} for r in self.references],
            "targets": [as_dict(t) for t in self.targets],
            "editBoxes": None if self.edit_boxes is None else [list(b) for b in self.edit_boxes],
            "instructions": self.instructions, "frameTexts": {form: list(texts) for form, texts in self.extra_texts.items()},
            "questions": [q.as_dict() for q in self.questions],
        }  # fmt: skip


def object_box(o: SceneObject) -> Box:
    """Bins that drawing this object can touch: its square, and the contact shadow beside and under it."""
    half, pad = o.s / 2, o.s / 6 + 1
    sides = (o.x - half - pad, o.y - half - 1, o.x + half + pad, o.y + half + pad)
    left, top, right, bottom = (max(0, min(BINS, int(np.floor(v) if i < 2 else np.ceil(v)))) for i, v in enumerate(sides))
    return left, top, right, bottom


def untouched(sample: TaskSample, size_px: int) -> np.ndarray:
    """bool [size_px, size_px]: pixels of target 0 that must equal reference 0. Nothing where the task keeps nothing."""
    if sample.edit_boxes is None:
        return np.zeros((size_px, size_px), bool)
    keep = np.ones((size_px, size_px), bool)
    for left, top, right, bottom in sample.edit_boxes:
        unit = size_px / BINS
        keep[int(np.floor(top * unit)) : int(np.ceil(bottom * unit)), int(np.floor(left * unit)) : int(np.ceil(right * unit))] = False
    return keep
