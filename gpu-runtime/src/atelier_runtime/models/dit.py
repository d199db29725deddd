"""The `v4` diffusion transformer: one stream, references and text as a read-only prefix.

The prefix is modulated at t = 0 and never sees the outputs (block-causal mask): a reference attends to
itself alone, text to references and text, outputs to everything. So keys and values of the prefix are
computed once per request, those of a reference once per picture, and every denoise step runs over output
tokens alone. The network predicts the clean latent; `velocity` derives dz/dt from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from atelier_runtime.models.grounding import LayoutTokens, ground_words, picture_of_words
from atelier_runtime.models.layers import (
    Block,
    TimeEmbedding,
    fourier_features,
    rms_norm,
    rotary_angles,
    rotate,
)

KeyValues = list[tuple[Tensor, Tensor]]
"""Keys and values [B, h, n, e] of each layer."""

REFERENCE_IMAGE_STEP = 10.0
"""Reference r = 1, 2 ... stands at image index 10 r: far from the outputs at 1..M, and slots can be reassigned."""

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
    out1: int = 204

    @property
    def heads(self) -> int:
        return self.width // self.head_width

    @property
    def layout(self) -> LayoutTokens:
        return LayoutTokens(self.layout_x0, self.layout_y0, self.layout_s0, self.sentence_end, self.pad, self.out1)

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


def reference_positions(rows: int, columns: int, slot: int) -> Tensor:
    """Positions of the cells of the reference in slot 1, 2 ...: [rows * columns, 3]."""
    positions = output_positions(rows, columns)
    positions[:, 0] = REFERENCE_IMAGE_STEP * slot
    return positions


def joined_references(stored: Sequence[KeyValues]) -> KeyValues:
    """Keys and values of several references, one behind the other along the tokens, as `place_references` takes them."""
    return [tuple(torch.cat(parts, dim=2) for parts in zip(*layer, strict=True)) for layer in zip(*stored, strict=True)]


class DiffusionTransformer(nn.Module):
    """Text- and reference-conditioned denoiser over latent cells."""

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

    def _modulations(self, t: Tensor, task_id: Tensor | None) -> tuple[Tensor, Tensor]:
        condition = self.time(t)
        condition = F.silu(condition if task_id is None else condition + self.task(task_id))
        blocks = self.modulation(condition).unflatten(-1, (6, self.config.width))
        return blocks, self.head_modulation(condition).unflatten(-1, (2, self.config.width))

    def encode_reference(self, latents: Tensor, positions: Tensor) -> KeyValues:
        """Latents [B, m, c] of a clean picture, positions [m, 3] -> its keys and values before any position.

        No task, prompt, slot or other picture goes in, so that any later request can reuse them.
        """
        positions = positions * positions.new_tensor([0.0, 1.0, 1.0])
        x = self.cell_input(latents) + self.cell_place(fourier_features(positions[..., 1:]).flatten(-2))
        cos, sin = self._angles(positions.unsqueeze(0), x)
        modulation, _ = self._modulations(torch.zeros_like(latents[:, 0, 0]).float(), None)
        stored = []
        for block in self.blocks:
            x, keys, values = block(x, modulation.to(x.dtype), cos, sin)
            stored.append((keys, values))
        return stored

    def place_references(self, stored: KeyValues, positions: Tensor) -> KeyValues:
        """Keys and values of references, one behind the other, turned to their positions [n, 3]."""
        cos, sin = self._angles(positions.unsqueeze(0), stored[0][0])
        return [(rotate(keys, cos, sin), rotate(values, cos, sin)) for keys, values in stored]

    def prefix(self, token_ids: Tensor, task_id: Tensor, references: KeyValues | None = None) -> KeyValues:
        """token_ids int64 [B, n], task_id int64 [B], placed references [B, h, r, e] per layer
        -> placed keys and values [B, h, r + n, e] per layer, references first."""
        places, grounded = ground_words(token_ids, self.config.layout)
        order = torch.arange(token_ids.shape[1], dtype=torch.float32, device=token_ids.device)
        place = fourier_features(places).flatten(-2) * grounded.unsqueeze(-1)
        x = self.word_input(self.words(token_ids))
        x = x + self.word_order(fourier_features(order)) + self.word_place(place)
        picture = picture_of_words(token_ids, self.config.layout).unsqueeze(-1)
        positions = torch.cat([picture, places[..., :2]], dim=-1)
        cos, sin = self._angles(positions, x)
        modulation, _ = self._modulations(torch.zeros_like(task_id, dtype=torch.float32), task_id)
        mask = token_ids != self.config.pad
        if references is not None:
            mask = torch.cat([torch.ones_like(references[0][0][:, 0, :, 0], dtype=torch.bool), mask], dim=1)
        mask = mask[:, None, None, :]
        cache = []
        for layer, block in enumerate(self.blocks):
            before = None if references is None else references[layer]
            x, keys, values = block(x, modulation.to(x.dtype), cos, sin, prefix_kv=before, mask=mask)
            keys, values = rotate(keys, cos, sin), rotate(values, cos, sin)
            if before is not None:
                keys, values = torch.cat([before[0], keys], dim=2), torch.cat([before[1], values], dim=2)
            cache.append((keys, values))
        return cache

    def _angles(self, positions: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        """cos and sin [B, 1, n, e / 2] of positions [B, n, 3], in the number format of `like`."""
        cos, sin = rotary_angles(positions, self.config.head_width)
        return cos.unsqueeze(1).to(like.dtype), sin.unsqueeze(1).to(like.dtype)

    def denoise(
        self,
        latents: Tensor,
        t: Tensor,
        task_id: Tensor,
        positions: Tensor,
        prefix: KeyValues,
        prefix_mask: Tensor | None = None,
    ) -> Tensor:
        """Clean latents from noisy ones: latents [B, m, c], t [B], positions [m, 3] or [B, m, 3],
        prefix K/V [B or 1, h, n, e], prefix_mask bool [B, n] (True = no padding). Returns [B, m, c]."""
        place = fourier_features(positions[..., 1:]).flatten(-2)
        x = self.cell_input(latents) + self.cell_place(place)
        if positions.dim() == 2:
            positions = positions.unsqueeze(0)
        cos, sin = self._angles(positions, x)
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
