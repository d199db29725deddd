"""Endless training batches: scenes are sampled, composed, captioned and projected beside the training.

Batch i depends on (seed, i) alone, never on timing, so a resumed run sees what an undisturbed one sees.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Full

import numpy as np
import torch

from atelier_runtime.models.tokenizer import TASKS, PromptTokenizer
from atelier_runtime.models.vae import to_patches
from atelier_runtime.training.presets import Lesson, TrainingPreset
from atelier_runtime.training.task_source import Box, DrawnTask, TaskSource
from atelier_runtime.training.world_source import WorldSource
from atelier_runtime.world.tasks.task_sample import FORMS

_QUEUED_BATCHES = 6


@dataclass(frozen=True)
class Batch:
    """tokens int64 [B, n]; latents f32 [B, m, c]; cells int64 [B, m] into the row-major grids of all outputs, one behind
    the other; weights f32 [B, m]; references f32 [B, r, cells of a picture, c], r = 0 where the task reads none."""

    tokens: np.ndarray
    latents: np.ndarray
    cells: np.ndarray
    weights: np.ndarray
    references: np.ndarray
    task: int = 0
    outputs: int = 1


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


def changed_cells(boxes: Iterable[Box], grid: int) -> np.ndarray:
    """bool [grid * grid]: latent cells that a box (left, top, right, bottom in bins) touches."""
    changed = np.zeros((grid, grid), dtype=bool)
    cell = 64.0 / grid
    for left, top, right, bottom in boxes:
        changed[int(top // cell) : int(np.ceil(bottom / cell)), int(left // cell) : int(np.ceil(right / cell))] = True
    return changed.reshape(-1)


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
        # Drawn from a stream of its own: other tasks switched on leave the plain batches as they were.
        task_rng = np.random.default_rng([self.seed, step, 1])
        task = self._task(task_rng) if lesson.recolour else TASKS[0]
        if task != TASKS[0]:
            form = FORMS[task_rng.choice(len(FORMS), p=np.asarray(self.preset.instruction_mix) / 100)]
            return self._task_batch(TaskSource(source).draw(task, seeds, form), rng)
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
            references=np.zeros((len(tokens), 0, self.preset.grid**2, self.preset.channels), np.float32),
        )

    def _task(self, rng: np.random.Generator) -> str:
        names, shares = zip(*self.preset.task_mix, strict=True)
        return names[rng.choice(len(names), p=np.asarray(shares) / sum(shares))]

    def _task_batch(self, drawn: list[DrawnTask], rng: np.random.Generator) -> Batch:
        """Whole pictures; what changed weighs twice as much as other objects, so that copying alone does not pay."""
        grid, first = self.preset.grid, drawn[0]
        tokens = self._tokens([sample.text for sample in drawn], rng)
        latents = np.concatenate([self._latents([sample.targets[k] for sample in drawn]) for k in range(len(first.targets))], axis=1)
        touched = np.stack([np.concatenate([touched_cells(squares, grid) for squares in sample.squares]) for sample in drawn])
        weights = np.where(touched, self.preset.object_weight, 1.0)
        if len(first.targets) == 1:
            weights *= np.where(np.stack([changed_cells(sample.changed, grid) for sample in drawn]), 2.0, 1.0)
        references = np.zeros((len(drawn), 0, grid * grid, self.preset.channels), np.float32)
        if first.references:
            references = np.stack([self._latents(list(pictures)) for pictures in zip(*(s.references for s in drawn), strict=True)], axis=1)
        return Batch(
            tokens=tokens,
            latents=latents,
            cells=np.tile(np.arange(latents.shape[1]), (len(drawn), 1)),
            weights=weights.astype(np.float32),
            references=references,
            task=TASKS.index(first.task),
            outputs=len(first.targets),
        )

    def _tokens(self, captions: list[str], rng: np.random.Generator) -> np.ndarray:
        rows = [self.tokenizer.null_ids if rng.random() < self.preset.dropout else self.tokenizer.encode(text) for text in captions]
        return self.tokenizer.batch(rows)

    def _latents(self, pictures: list[np.ndarray]) -> np.ndarray:
        """f32 [B, grid * grid, c] of pictures uint8 [size, size, 3]."""
        pixels = torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2)).float() / 255
        latents = (to_patches(pixels, self.preset.downsampling) - self.mean) @ self.analysis
        return latents.flatten(1, 2).numpy()


def _produce(queue, preset, seed, mean, analysis, tokenizer_path, first_step: int, every: int) -> None:  # noqa: ANN001
    torch.set_num_threads(1)
    parent = os.getppid()
    maker = BatchMaker(preset, seed, torch.from_numpy(mean), torch.from_numpy(analysis), PromptTokenizer(tokenizer_path))
    step, batch = first_step, maker.make(first_step)
    while os.getppid() == parent:  # a killed trainer cannot stop its worker, so the worker looks
        try:
            queue.put(batch, timeout=5)
        except Full:
            continue
        step += every
        batch = maker.make(step)
    queue.cancel_join_thread()  # nobody reads what is still in the pipe


def stream_batches(
    preset: TrainingPreset, seed: int, mean: torch.Tensor, analysis: torch.Tensor, tokenizer_path: Path, first_step: int,
    workers: int = 1, ahead: int = _QUEUED_BATCHES,
) -> Iterator[Batch]:  # fmt: skip
    """Batches first_step, first_step + 1, ... in order, background process w making every `workers`th of them, at most
    `ahead` each before they are read: the same ones for any number."""
    context = multiprocessing.get_context("spawn")
    queues = [context.Queue(maxsize=ahead) for _ in range(workers)]
    facts = (preset, seed, mean.numpy(), analysis.numpy(), tokenizer_path)
    makers = [
        context.Process(target=_produce, args=(queue, *facts, first_step + index, workers), daemon=True)
        for index, queue in enumerate(queues)
    ]
    for maker in makers:
        maker.start()
    try:
        while True:
            for queue in queues:
                yield queue.get()
    finally:
        for maker in makers:
            maker.terminate()
        for maker in makers:
            maker.join()
