"""Endless training batches: scenes are sampled, composed, captioned and projected beside the training.

Batch i depends on (seed, i) alone, never on timing, so a resumed run sees what an undisturbed one sees.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Full

import numpy as np
import torch

from atelier_runtime.models.tokenizer import TASKS, PromptTokenizer
from atelier_runtime.models.vae import to_patches
from atelier_runtime.training.presets import Lesson, TrainingPreset
from atelier_runtime.training.world_source import WorldSource
from atelier_runtime.world.edits import CAPTION_FORMS

_QUEUED_BATCHES = 6


@dataclass(frozen=True)
class Batch:
    """tokens int64 [B, n]; latents f32 [B, m, c]; cells int64 [B, m] into the row-major grid; weights f32 [B, m];
    references f32 [B, r, c]: one whole picture each, r = 0 where the task reads none."""

    tokens: np.ndarray
    latents: np.ndarray
    cells: np.ndarray
    weights: np.ndarray
    references: np.ndarray
    task: int = 0


def lesson_at(preset: TrainingPreset, step: int) -> Lesson:
    return next(lesson for lesson in preset.lessons if step < lesson.until_step)


def touched_cells(squares: Sequence[tuple[float, float, float]], grid: int) -> np.ndarray:
    """bool [grid * grid]: latent cells that a square (centre x, centre y, side in bins) touches."""
    touched = np.zeros((grid, grid), dtype=bool)
    cell = 64.0 / grid
    for x, y, side in squares:
        top, left = max(0, int((y - side / 2) // cell)), max(0, int((x - side / 2) // cell))
        bottom, right = int(np.ceil((y + side / 2) / cell)), int(np.ceil((x + side / 2) / cell))
        touched[top:bottom, left:right] = True
    return touched.reshape(-1)


def choose_cells(touched: np.ndarray, keep: int, rng: np.random.Generator) -> np.ndarray:
    """`keep` cells, object cells first, then random ground, in grid order. 0 keeps all."""
    if keep == 0 or keep >= len(touched):
        return np.arange(len(touched))
    order = rng.random(len(touched)) - touched
    return np.sort(np.argsort(order)[:keep])


class BatchMaker:
    """Composes batch `step` of a preset."""

    def __init__(self, preset: TrainingPreset, seed: int, mean: torch.Tensor, analysis: torch.Tensor, tokenizer: PromptTokenizer) -> None:
        self.preset, self.seed = preset, seed
        self.mean, self.analysis = mean, analysis
        self.tokenizer = tokenizer
        self._sources: dict[Lesson, WorldSource] = {}

    def _source(self, lesson: Lesson) -> WorldSource:
        key = replace(lesson, until_step=0, cells=0)
        if key not in self._sources:
            self._sources[key] = WorldSource(
                self.preset.world, self.preset.size_px, max_objects=lesson.max_objects, recolour=lesson.recolour
            )
        return self._sources[key]

    def make(self, step: int) -> Batch:
        lesson = lesson_at(self.preset, step)
        rng = np.random.default_rng([self.seed, step])
        # One caption form per batch, so that short layout captions are not padded to the longest sentence.
        density = rng.choice(3, p=np.asarray(self.preset.caption_mix) / 100)
        source = self._source(lesson)
        seeds = rng.integers(0, 1 << 32, size=self.preset.batch, dtype=np.uint64)
        # Drawn from a stream of its own: switching edits on leaves the other batches as they were.
        edit_rng = np.random.default_rng([self.seed, step, 1])
        if lesson.recolour and edit_rng.random() * 100 < self.preset.edit_percent:
            return self._edits(source, seeds, rng, edit_rng)
        scenes = [source.draw(int(seed), density=("layout", "en", "zh")[density]) for seed in seeds]
        tokens = self._tokens([scene.caption for scene in scenes], rng)
        latents = self._latents([scene.pixels for scene in scenes])
        touched = np.stack([touched_cells(scene.squares, self.preset.grid) for scene in scenes])
        cells = np.stack([choose_cells(mask, lesson.cells, rng) for mask in touched])
        weights = np.where(touched, self.preset.object_weight, 1.0).astype(np.float32)
        return Batch(
            tokens=tokens,
            latents=np.take_along_axis(latents, cells[..., None], axis=1),
            cells=cells,
            weights=np.take_along_axis(weights, cells, axis=1),
            references=np.zeros((len(tokens), 0, self.preset.channels), np.float32),
        )

    def _edits(self, source: WorldSource, seeds: np.ndarray, rng: np.random.Generator, edit_rng: np.random.Generator) -> Batch:
        """Whole pictures; what changed weighs twice as much as other objects, so that copying alone does not pay."""
        form = CAPTION_FORMS[edit_rng.choice(len(CAPTION_FORMS), p=np.asarray(self.preset.edit_mix) / 100)]
        edits = [source.draw_edit(int(seed), form) for seed in seeds]
        tokens = self._tokens([edit.target.caption for edit in edits], rng)
        latents = self._latents([edit.target.pixels for edit in edits])
        changed = np.stack([touched_cells([edit.square], self.preset.grid) for edit in edits])
        touched = np.stack([touched_cells(edit.target.squares, self.preset.grid) for edit in edits])
        weights = np.where(touched, self.preset.object_weight, 1.0) * np.where(changed, 2.0, 1.0)
        return Batch(
            tokens=tokens,
            latents=latents,
            cells=np.tile(np.arange(latents.shape[1]), (len(edits), 1)),
            weights=weights.astype(np.float32),
            references=self._latents([edit.reference for edit in edits]),
            task=TASKS.index("recolour"),
        )

    def _tokens(self, captions: list[str], rng: np.random.Generator) -> np.ndarray:
        rows = [self.tokenizer.null_ids if rng.random() < self.preset.dropout else self.tokenizer.encode(text) for text in captions]
        return self.tokenizer.batch(rows)

    def _latents(self, pictures: list[np.ndarray]) -> np.ndarray:
        """f32 [B, grid * grid, c] of pictures uint8 [size, size, 3]."""
        pixels = torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2)).float() / 255
        latents = (to_patches(pixels, self.preset.downsampling) - self.mean) @ self.analysis
        return latents.flatten(1, 2).numpy()


def _produce(queue, preset, seed, mean, analysis, tokenizer_path, first_step) -> None:  # noqa: ANN001
    torch.set_num_threads(1)
    parent = os.getppid()
    maker = BatchMaker(preset, seed, mean, analysis, PromptTokenizer(tokenizer_path))
    step, batch = first_step, maker.make(first_step)
    while os.getppid() == parent:  # a killed trainer cannot stop its worker, so the worker looks
        try:
            queue.put(batch, timeout=5)
        except Full:
            continue
        step += 1
        batch = maker.make(step)
    queue.cancel_join_thread()  # nobody reads what is still in the pipe


def stream_batches(
    preset: TrainingPreset, seed: int, mean: torch.Tensor, analysis: torch.Tensor, tokenizer_path: Path, first_step: int
) -> Iterator[Batch]:
    """Batches first_step, first_step + 1, ... made by one background process."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(maxsize=_QUEUED_BATCHES)
    arguments = (queue, preset, seed, mean.numpy(), analysis.numpy(), tokenizer_path, first_step)
    worker = context.Process(target=_produce_from_arrays, args=arguments, daemon=True)
    worker.start()
    try:
        while True:
            yield queue.get()
    finally:
        worker.terminate()
        worker.join()


def _produce_from_arrays(queue, preset, seed, mean, analysis, tokenizer_path, first_step) -> None:  # noqa: ANN001
    _produce(queue, preset, seed, torch.from_numpy(mean), torch.from_numpy(analysis), tokenizer_path, first_step)
