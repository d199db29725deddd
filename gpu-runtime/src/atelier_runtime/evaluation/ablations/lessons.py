"""The batches of the ablations: 24 concepts at 128 px, 64 cells; a mixed curriculum, then one task alone, and held-out samples."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from atelier_runtime.models.tokenizer import PromptTokenizer
from atelier_runtime.training.presets import Lesson, TrainingPreset, training_preset
from atelier_runtime.training.scene_stream import Batch, BatchMaker
from atelier_runtime.training.shipped_weights import read_vae
from atelier_runtime.training.world_source import WorldSource

CONCEPTS = 24
PROJECTION = Path(__file__).parents[4] / "weights" / "tiny" / "model.safetensors"
"""Its projection of 16 px patches serves here too: only latents are compared, nothing is decoded."""
MIXED = (("text-to-image", 40), ("recolour", 25), ("storyboard", 15), ("compose", 20))
ALONE = "remove"
"""The task that is taught afterwards without the others."""
_HELD_OUT_SEED = 77_777


def ablation_preset() -> TrainingPreset:
    return replace(
        training_preset("tiny"), name="ablation", world="pilot", size_px=128, width=128, layers=4, mlp_width=320, batch=16, draws=2,
        lessons=(Lesson(until_step=1 << 30, max_objects=2, recolour=True, cells=0),), task_mix=MIXED,
    )  # fmt: skip


class AblationBatches(BatchMaker):
    """Batch k depends on the seed and k alone, so that all variants of a seed see the same ones."""

    def __init__(self, preset: TrainingPreset, seed: int, tokenizer: PromptTokenizer, split: str = "train") -> None:
        vae = read_vae(PROJECTION)
        super().__init__(preset, seed, vae.mean, vae.analysis, tokenizer)
        self._split = split

    def _source(self, lesson: Lesson) -> WorldSource:
        return _narrowed(self.preset.world, self.preset.size_px, lesson.max_objects, self._split)


@lru_cache(maxsize=4)
def _narrowed(world: str, size_px: int, max_objects: int, split: str) -> WorldSource:
    """The first CONCEPTS of a world. Kept: drawing the sprites anew for every task took longer than composing the pictures."""
    source = WorldSource(world, size_px, max_objects=max_objects, split=split)
    source.preset = replace(source.preset, concepts=source.preset.concepts[:CONCEPTS])
    return source


def training_batches(preset: TrainingPreset, seed: int, tokenizer: PromptTokenizer, mixed: int, alone: int) -> list[Batch]:
    """`mixed` batches of all tasks, then `alone` batches of one."""
    every = AblationBatches(preset, seed, tokenizer)
    one = AblationBatches(replace(preset, task_mix=((ALONE, 100),)), seed, tokenizer)
    return [every.make(step) for step in range(mixed)] + [one.make(step) for step in range(mixed, mixed + alone)]


def held_out_batches(preset: TrainingPreset, tokenizer: PromptTokenizer, count: int) -> dict[str, list[Batch]]:
    """task -> batches of new scenes (split S10), the same for every variant and seed."""
    found = {}
    for task in (*dict(MIXED), ALONE):
        maker = AblationBatches(replace(preset, task_mix=((task, 100),), dropout=0.0), _HELD_OUT_SEED, tokenizer, "S10")
        found[task] = [maker.make(step) for step in range(count)]
    return found
