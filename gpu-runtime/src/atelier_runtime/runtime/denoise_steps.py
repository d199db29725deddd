"""One denoise step of the transformer, run plainly or from a recording of its shape."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from atelier_runtime.models.dit import DiffusionTransformer, KeyValues, output_positions
from atelier_runtime.runtime.captured_steps import WORD_BUCKETS, RecordedSteps, StepRunner, steps_for, word_bucket


class DenoiseSteps:
    """Where steps are recorded, text is padded to few lengths and the padding is masked, so that few shapes occur;
    plain steps run over the text as it is."""

    def __init__(self, dit: DiffusionTransformer, device: torch.device, way: str = "auto", runner: StepRunner | None = None) -> None:
        """`way` as in `steps_for`; `runner` in its place for tests, over this object's `velocity`."""
        self._dit, self._device = dit, device
        self.runner = runner or steps_for(self.velocity, device, way)
        self.fixed_shapes = isinstance(self.runner, RecordedSteps)

    def padded(self, token_ids: list[int]) -> list[int]:
        if not self.fixed_shapes:
            return token_ids
        return [*token_ids, *[self._dit.config.pad] * (word_bucket(len(token_ids)) - len(token_ids))]

    def run(self, latents: Tensor, t: Tensor, task: Tensor, positions: Tensor, visible: Tensor, prefix: Sequence[Tensor]) -> Tensor:
        """dz/dt [1, m, c], valid until the next call. latents [1, m, c], t and task [1], positions [m, 3], visible bool
        [1, n] (False = padding), prefix: keys and values [1, h, n, e] in turns, layer after layer."""
        return self.runner.run((latents, t, task, positions, visible, *prefix))

    def velocity(self, latents: Tensor, t: Tensor, task: Tensor, positions: Tensor, visible: Tensor, *prefix: Tensor) -> Tensor:
        mask = visible if self.fixed_shapes else None
        with self.number_format():
            clean = self._dit.denoise(latents, t, task, positions, in_pairs(prefix), mask)
        return self._dit.velocity(latents, t, clean.float())

    def number_format(self) -> AbstractContextManager:
        """Times and positions come in 32 bit and meet weights that may have 16."""
        dtype = self._dit.cell_input.weight.dtype
        return nullcontext() if dtype == torch.float32 else torch.autocast(self._device.type, dtype)

    def warm_up(self, rows: int, columns: int, max_words: int) -> None:
        """One step per length of text; a picture without references."""
        if not self.fixed_shapes:
            return
        config, device = self._dit.config, self._device
        latents = torch.zeros(1, rows * columns, config.channels, device=device)
        once = torch.ones(1, device=device)
        positions = output_positions(rows, columns).to(device)
        for words in sorted({*(bucket for bucket in WORD_BUCKETS if bucket < max_words), word_bucket(max_words)}):
            kv = [torch.zeros(1, config.heads, words, config.head_width, device=device, dtype=self._dit.cell_input.weight.dtype)]
            visible = torch.ones(1, words, dtype=torch.bool, device=device)
            self.run(latents, once, once.long(), positions, visible, kv * (2 * config.layers))


def in_a_row(pairs: KeyValues) -> list[Tensor]:
    return [part for pair in pairs for part in pair]


def in_pairs(parts: Sequence[Tensor]) -> KeyValues:
    return list(zip(parts[::2], parts[1::2], strict=True))
