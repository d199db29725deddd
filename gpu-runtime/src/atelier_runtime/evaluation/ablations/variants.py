"""The network with one thing taken away or changed. Same parameters, same start for one seed."""

from __future__ import annotations

import torch
from torch import Tensor

from atelier_runtime.models.dit import DiffusionTransformer, reference_positions
from atelier_runtime.models.grounding import ground_words, picture_of_words
from atelier_runtime.models.layers import fourier_features, rms_norm
from atelier_runtime.training.flow_loss import NoisyBatch, placed_references, predict_clean


class ReadOnlyPrefix(DiffusionTransformer):
    """As shipped: references and text are read and never look at the outputs."""

    def predict(self, noisy: NoisyBatch, grid: int) -> Tensor:
        """Clean latents [B, m, c] of a noisy batch."""
        return predict_clean(self, noisy, noisy.tokens, placed_references(self, noisy.references, grid))


class WithoutTask(ReadOnlyPrefix):
    """No task embedding: what is asked for stands in the words alone."""

    def _modulations(self, t: Tensor, task_id: Tensor | None) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        return super()._modulations(t, None)


class PlaneRope(ReadOnlyPrefix):
    """Positions of row and column alone: cells of two pictures at one place have one position."""

    def _angles(self, positions: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        return super()._angles(positions * positions.new_tensor([0.0, 1.0, 1.0]), like)


class FullAttention(ReadOnlyPrefix):
    """One sequence in which everything sees everything, at the time of the outputs; nothing of it can be kept between steps."""

    def predict(self, noisy: NoisyBatch, grid: int) -> Tensor:
        words, word_positions = self._words(noisy.tokens.repeat_interleave(noisy.draws, 0))
        references, reference_places = self._references(noisy.references.repeat_interleave(noisy.draws, 0), grid)
        cells = self.cell_input(noisy.z) + self.cell_place(fourier_features(noisy.positions[..., 1:]).flatten(-2))
        x = torch.cat([references, words, cells], dim=1)
        cos, sin = self._angles(torch.cat([reference_places, word_positions, noisy.positions], dim=1), x)
        modulation, head = self._modulations(noisy.t, noisy.task.repeat_interleave(noisy.draws, 0))
        modulation, head = modulation.to(x.dtype), head.to(x.dtype)
        seen = x.new_ones(x.shape[:2], dtype=torch.bool)
        seen[:, references.shape[1] : references.shape[1] + words.shape[1]] = (
            noisy.tokens.repeat_interleave(noisy.draws, 0) != self.config.pad
        )
        for block in self.blocks:
            x, _, _ = block(x, modulation, cos, sin, mask=seen[:, None, None, :])
        outputs = x[:, -cells.shape[1] :]
        return self.head(rms_norm(outputs) * (1 + head[:, 1:2]) + head[:, 0:1])

    def _words(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Embedded words [B, n, d] and their positions [B, n, 3], as the prefix has them."""
        places, grounded = ground_words(tokens, self.config.layout)
        order = torch.arange(tokens.shape[1], dtype=torch.float32, device=tokens.device)
        place = fourier_features(places).flatten(-2) * grounded.unsqueeze(-1)
        x = self.word_input(self.words(tokens)) + self.word_order(fourier_features(order)) + self.word_place(place)
        return x, torch.cat([picture_of_words(tokens, self.config.layout).unsqueeze(-1), places[..., :2]], dim=-1)

    def _references(self, latents: Tensor, grid: int) -> tuple[Tensor, Tensor]:
        """latents [B, r, cells, c] -> tokens [B, r * cells, d] and positions [B, r * cells, 3]."""
        batch, count = latents.shape[:2]
        places = [reference_positions(grid, grid, slot) for slot in range(1, count + 1)]
        at = torch.cat(places).to(latents.device) if places else latents.new_zeros(0, 3)
        x = self.cell_input(latents.flatten(1, 2)) + self.cell_place(fourier_features(at[:, 1:]).flatten(-2))
        return x, at.expand(batch, -1, -1)


VARIANTS: dict[str, type[ReadOnlyPrefix]] = {
    "as shipped": ReadOnlyPrefix,
    "without task embedding": WithoutTask,
    "full attention": FullAttention,
    "2D positions": PlaneRope,
}
