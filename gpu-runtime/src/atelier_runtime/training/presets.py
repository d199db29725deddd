"""Training presets: which world, which network, how much of each phase.

`smoke` proves in CI that training learns; `tiny` makes the committed test weights; `pilot` and `cpu` train on
two cores; `gpu` is the same recipe at the size of one large card.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Lesson:
    """One part of the curriculum, until `until_step` (the last lesson: for ever)."""

    until_step: int
    max_objects: int
    recolour: bool
    cells: int
    """Output cells trained per picture: all object cells first, then random ground. 0 = every cell."""


@dataclass(frozen=True)
class TrainingPreset:
    name: str
    world: str
    size_px: int
    downsampling: int
    channels: int
    width: int
    layers: int
    head_width: int
    mlp_width: int
    word_width: int
    decoder_width: int
    decoder_blocks: int
    batch: int
    draws: int
    """Noise draws per caption and step; the prefix is computed once for all of them."""
    lessons: tuple[Lesson, ...]
    dit_steps: int
    cooldown_steps: int
    vae_steps: int
    vae_batch: int
    muon_rate: float = 0.02
    adam_rate: float = 1e-3
    shift: float = 0.8
    """Mean of the logit of t: positive means more noise."""
    object_weight: float = 2.0
    caption_mix: tuple[int, int, int] = (75, 15, 10)
    """Percent of layout captions, English sentences, Chinese sentences."""
    task_mix: tuple[tuple[str, int], ...] = (("text-to-image", 100),)
    """Shares of the batches, one task each (the floor of a task is its share). Names of `world.tasks.registry`."""
    instruction_mix: tuple[int, int, int, int] = (35, 25, 25, 15)
    """Percent of instructions in the forms of `world.tasks.task_sample.FORMS`."""
    dropout: float = 0.1
    ema_decay: float = 0.999
    guidance: float = 1.0
    """What the exported manifest proposes; measured, see docs/log.md."""

    @property
    def trained_tasks(self) -> tuple[str, ...]:
        return tuple(name for name, share in self.task_mix if share > 0)

    @property
    def grid(self) -> int:
        return self.size_px // self.downsampling


_EVERY_TASK = (
    ("text-to-image", 26), ("recolour", 6), ("add", 8), ("remove", 7), ("replace", 8), ("move", 6), ("background", 7), ("style", 5),
    ("identity", 7), ("compose", 4), ("edges", 5), ("depth", 3), ("mask", 7), ("sketch", 4), ("storyboard", 3),
)  # fmt: skip

# With `_EVERY_TASK` alone text to image lost a third of its colour and relation scores (docs/log.md, laptop-2 to laptop-3).
_MOSTLY_TEXT = (
    ("text-to-image", 46), ("recolour", 8), ("add", 6), ("remove", 5), ("replace", 8), ("move", 1), ("background", 4), ("style", 1),
    ("identity", 1), ("compose", 1), ("edges", 4), ("depth", 4), ("mask", 5), ("sketch", 3), ("storyboard", 3),
)  # fmt: skip

_PILOT = TrainingPreset(
    name="pilot", world="pilot", size_px=256, downsampling=32, channels=128, width=256, layers=8, head_width=64,
    mlp_width=640, word_width=128, decoder_width=64, decoder_blocks=5, batch=24, draws=3,
    lessons=(
        Lesson(until_step=2_100, max_objects=1, recolour=False, cells=28),
        Lesson(until_step=1 << 30, max_objects=3, recolour=True, cells=40),
    ),
    dit_steps=40_000, cooldown_steps=1_200, vae_steps=4_000, vae_batch=8, task_mix=_EVERY_TASK, guidance=2.5,
)  # fmt: skip

_TINY = replace(
    _PILOT, name="tiny", world="tiny", size_px=64, downsampling=16, channels=64, width=64, layers=2, head_width=32,
    mlp_width=160, word_width=64, decoder_width=16, decoder_blocks=1, batch=32, draws=4,
    lessons=(Lesson(until_step=1 << 30, max_objects=2, recolour=True, cells=0),),
    task_mix=(("text-to-image", 70), ("recolour", 30)), guidance=1.0,
    dit_steps=3_000, cooldown_steps=800, vae_steps=600, vae_batch=16, ema_decay=0.995,
)  # fmt: skip

TASK_MIXES = {"every-task": _EVERY_TASK, "mostly-text": _MOSTLY_TEXT}
"""Shares by name, for a run that goes on with others than its preset's (what is seen last weighs most)."""

PRESETS = {
    "smoke": replace(_TINY, name="smoke", dit_steps=60, cooldown_steps=20, vae_steps=30, ema_decay=0.9),
    "tiny": _TINY,
    "pilot": _PILOT,
    "cpu": replace(_PILOT, name="cpu", dit_steps=200_000, cooldown_steps=20_000),
    "gpu": replace(
        _PILOT, name="gpu", world="full", width=512, layers=12, mlp_width=1408, word_width=256, batch=256, draws=4,
        decoder_width=96, vae_batch=64, dit_steps=20_000, cooldown_steps=4_000,
        lessons=(
            Lesson(until_step=4_000, max_objects=1, recolour=False, cells=0),
            Lesson(until_step=1 << 30, max_objects=4, recolour=True, cells=0),
        ),
    ),
}  # fmt: skip


def training_preset(name: str) -> TrainingPreset:
    if name not in PRESETS:
        raise KeyError(f"no training preset {name!r}; one of {', '.join(PRESETS)}")
    return PRESETS[name]
