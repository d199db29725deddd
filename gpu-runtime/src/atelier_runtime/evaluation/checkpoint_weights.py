"""Draws any task with a training checkpoint (its averaged weights), so that a run is scored before it is exported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from atelier_runtime.export.onnx_export import load_dit
from atelier_runtime.models.dit import KeyValues, joined_references, output_positions, reference_positions
from atelier_runtime.models.tokenizer import TASKS, PromptTokenizer
from atelier_runtime.sampling.flow import initial_noise, sample, shifted_schedule
from atelier_runtime.training.presets import training_preset
from atelier_runtime.training.task_source import max_outputs, max_references
from atelier_runtime.training.train_dit import load_vae


class CheckpointWeights:
    """The counterpart of `engines.OnnxWeights` for `dit.pt` and `vae.pt`; `guidance` None: what the preset proposes."""

    def __init__(
        self, preset_name: str, dit: Path, vae: Path, steps: int = 8, times: Sequence[float] | None = None, guidance: float | None = None
    ) -> None:
        torch.set_num_threads(1)
        self._preset = training_preset(preset_name)
        self._model, state = load_dit(dit)
        self._vae, self._tokenizer = load_vae(vae), PromptTokenizer()
        self._times = list(times or shifted_schedule(steps))
        self._guidance = self._preset.guidance if guidance is None else guidance
        self.progress: dict = state["progress"]
        self.size_px = self._preset.size_px
        self.trained_tasks = self._preset.trained_tasks
        self.max_references = max_references(self.trained_tasks)
        self.max_outputs = max_outputs(self.trained_tasks)

    @torch.no_grad()
    def draw_task(self, task: str, text: str, references: Sequence[np.ndarray], seed: int, outputs: int = 1) -> list[np.ndarray]:
        """`outputs` pictures [size_px, size_px, 3] uint8 drawn together; references of the same size, in the order of their slots."""
        grid = self._preset.grid
        latents = sample(
            self._model,
            torch.tensor([self._tokenizer.encode(text)]),
            torch.tensor([TASKS.index(task)]),
            output_positions(grid, grid, outputs),
            initial_noise(seed & 0x7FFFFFFF, 1, outputs * grid * grid, self._preset.channels),
            self._times,
            self._guidance,
            torch.tensor([self._tokenizer.null_ids]),
            references=self._encoded(references),
        )
        pixels = self._vae.decode(latents.unflatten(1, (outputs, grid, grid)).flatten(0, 1))
        return list((pixels.permute(0, 2, 3, 1).clamp(0, 1) * 255).round().to(torch.uint8).numpy())

    def _encoded(self, references: Sequence[np.ndarray]) -> KeyValues | None:
        if not references:
            return None
        grid = self._preset.grid
        stored, positions = [], []
        for slot, picture in enumerate(references, 1):
            pixels = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float() / 255
            positions.append(reference_positions(grid, grid, slot))
            stored.append(self._model.encode_reference(self._vae.encode(pixels).flatten(1, 2), positions[-1]))
        return self._model.place_references(joined_references(stored), torch.cat(positions))
