"""The `v4` diffusion transformer: one stream, text (later references) as a read-only prefix.

The prefix is modulated at t = 0 and never sees the outputs (block-causal mask), so its keys and
values are computed once per request and every denoise step runs over output tokens alone. The
network predicts the clean latent; `velocity` derives dz/dt from it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from atelier_runtime.models.grounding import LayoutTokens, ground_words
from atelier_runtime.models.layers import (
    Block,
    TimeEmbedding,
    fourier_features,
    rms_norm,
    rotary_angles,
)

MIN_TIME = 0.02  # the velocity divides by t; no schedule steps below this before it ends at 0


@dataclass(frozen=True)
class DitConfig:
    """Sizes of the network. `layout_*` and `sentence_end` are token ids of the tokeniser."""

    channels: int
    width: int = 256
    layers: int = 8
    head_width: int = 64
    mlp_width: int = 640
    vocabulary: int = 4096
    word_width: int = 128
    tasks: int = 18
    layout_x0: int = 4
    layout_y0: int = 68
    layout_s0: int = 132
    sentence_end: int = 17
    pad: int = 0

    @property
    def heads(self) -> int:
        return self.width // self.head_width

    @property
    def layout(self) -> LayoutTokens:
        return LayoutTokens(self.layout_x0, self.layout_y0, self.layout_s0, self.sentence_end, self.pad)

    def to_json(self) -> dict:
        return asdict(self)


def output_positions(rows: int, columns: int, outputs: int = 1) -> Tensor:
    """Centres of the latent cells as (image index 1..M, row bin, column bin): [M * rows * columns, 3].

    Bins are 1/64 of the picture edge, so a cell keeps its place when the resolution changes.
    """
    image = torch.arange(1, outputs + 1, dtype=torch.float32)
    row = (torch.arange(rows, dtype=torch.float32) + 0.5) * (64.0 / rows)
    column = (torch.arange(columns, dtype=torch.float32) + 0.5) * (64.0 / columns)
    return torch.cartesian_prod(image, row, column)


class DiffusionTransformer(nn.Module):
    """Text-conditioned denoiser over latent cells."""

    def __init__(self, config: DitConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.words = nn.Embedding(config.vocabulary, config.word_width)
        self.word_input = nn.Linear(config.word_width, width, bias=False)
        self.word_order = nn.Linear(32, width, bias=False)
        self.word_place = nn.Linear(96, width, bias=False)
        self.cell_input = nn.Linear(config.channels, width)
        self.cell_place = nn.Linear(64, width, bias=False)
        self.time = TimeEmbedding(width)
        self.task = nn.Embedding(config.tasks, width)
        self.modulation = nn.Linear(width, 6 * width)
        self.blocks = nn.ModuleList(Block(width, config.head_width, config.mlp_width, config.layers) for _ in range(config.layers))
        self.head_modulation = nn.Linear(width, 2 * width)
        self.head = nn.Linear(width, config.channels)
        nn.init.normal_(self.words.weight, std=1.0)
        self._start_layout_words()
        for linear in (self.modulation, self.head_modulation, self.head):
            nn.init.zeros_(linear.weight)
            nn.init.zeros_(linear.bias)
        nn.init.normal_(self.task.weight, std=0.02)

    def _start_layout_words(self) -> None:
        """Layout words start as Fourier features of their value, so neighbours are alike."""
        features = fourier_features(torch.arange(64, dtype=torch.float32))
        with torch.no_grad():
            for axis, first in enumerate((self.config.layout_x0, self.config.layout_y0, self.config.layout_s0)):
                start = axis * 32
                rows = self.words.weight[first : first + 64]
                rows.zero_()
                rows[:, start : start + 32] = features[:, : min(32, self.config.word_width - start)]

    def _modulations(self, t: Tensor, task_id: Tensor) -> tuple[Tensor, Tensor]:
        condition = F.silu(self.time(t) + self.task(task_id))
        blocks = self.modulation(condition).unflatten(-1, (6, self.config.width))
        return blocks, self.head_modulation(condition).unflatten(-1, (2, self.config.width))

    def prefix(self, token_ids: Tensor, task_id: Tensor) -> list[tuple[Tensor, Tensor]]:
        """token_ids int64 [B, n], task_id int64 [B] -> per layer keys and values [B, h, n, e]."""
        places, grounded = ground_words(token_ids, self.config.layout)
        order = torch.arange(token_ids.shape[1], dtype=torch.float32, device=token_ids.device)
        place = fourier_features(places).flatten(-2) * grounded.unsqueeze(-1)
        x = self.word_input(self.words(token_ids))
        x = x + self.word_order(fourier_features(order)) + self.word_place(place)
        positions = torch.cat([torch.zeros_like(places[..., :1]), places[..., :2]], dim=-1)
        cos, sin = (part.unsqueeze(1).to(x.dtype) for part in rotary_angles(positions, self.config.head_width))
        modulation, _ = self._modulations(torch.zeros_like(task_id, dtype=torch.float32), task_id)
        mask = (token_ids != self.config.pad)[:, None, None, :]
        cache = []
        for block in self.blocks:
            x, keys, values = block(x, modulation.to(x.dtype), cos, sin, mask=mask)
            cache.append((keys, values))
        return cache

    def denoise(
        self,
        latents: Tensor,
        t: Tensor,
        task_id: Tensor,
        positions: Tensor,
        prefix: list[tuple[Tensor, Tensor]],
        prefix_mask: Tensor | None = None,
    ) -> Tensor:
        """Clean latents from noisy ones: latents [B, m, c], t [B], positions [m, 3] or [B, m, 3],
        prefix K/V [B or 1, h, n, e], prefix_mask bool [B, n] (True = a word). Returns [B, m, c]."""
        place = fourier_features(positions[..., 1:]).flatten(-2)
        x = self.cell_input(latents) + self.cell_place(place)
        if positions.dim() == 2:
            positions = positions.unsqueeze(0)
        cos, sin = (part.unsqueeze(1).to(x.dtype) for part in rotary_angles(positions, self.config.head_width))
        modulation, head = self._modulations(t, task_id)
        modulation, head = modulation.to(x.dtype), head.to(x.dtype)
        mask = None
        if prefix_mask is not None:
            own = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
            mask = torch.cat([prefix_mask, own], dim=1)[:, None, None, :]
        for block, (keys, values) in zip(self.blocks, prefix, strict=True):
            if keys.shape[0] != x.shape[0]:
                keys, values = (part.expand(x.shape[0], -1, -1, -1) for part in (keys, values))
            x, _, _ = block(x, modulation, cos, sin, prefix_kv=(keys, values), mask=mask)
        shift, scale = head[:, 0:1], head[:, 1:2]
        return self.head(rms_norm(x) * (1 + scale) + shift)

    def velocity(self, latents: Tensor, t: Tensor, clean: Tensor) -> Tensor:
        """dz/dt of z = (1 - t) x + t noise, from the predicted clean latent."""
        return (latents - clean) / t.clamp(min=MIN_TIME)[:, None, None]
