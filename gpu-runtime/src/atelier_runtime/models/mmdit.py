"""The `v3` network: text and picture in two streams with weights of their own that meet in attention (MM-DiT).

The published form (Esser et al. 2024: "Scaling rectified flow transformers"): both streams are modulated by the time of
the step and see each other everywhere, so nothing can be kept from one step to the next. Positions are rows and columns
alone; text stands on the diagonal of a plane of its own behind the picture. Latents are those of an f = 8 autoencoder.
The network predicts the velocity. It reads text alone: no references, no tasks.

Shapes: B pictures, n words, m cells, d width, h heads of size e (d = h * e).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from atelier_runtime.models.dit import output_positions
from atelier_runtime.models.layers import FRAME_BINS, TimeEmbedding, plane_frequencies, rms_norm, rotate


class ShapeError(ValueError):
    """An input does not have the shape that the network was made for."""


@dataclass(frozen=True)
class MmDitConfig:
    """`repa_layer`: after this block (1..layers) the picture stream is compared with `repa_width` features; 0 = never."""

    channels: int
    width: int = 256
    layers: int = 8
    head_width: int = 64
    mlp_width: int = 640
    vocabulary: int = 4096
    word_width: int = 128
    max_words: int = 96
    pad: int = 0
    repa_layer: int = 0
    repa_width: int = 96

    def __post_init__(self) -> None:
        if self.width % self.head_width or self.head_width % 4:
            raise ShapeError(f"width {self.width} is not a multiple of heads of {self.head_width}, or those not of 4")
        if not 0 <= self.repa_layer <= self.layers:
            raise ShapeError(f"features after block {self.repa_layer} of {self.layers}")

    @property
    def heads(self) -> int:
        return self.width // self.head_width

    def to_json(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class Prediction:
    """velocity [B, m, c]; features [B, m, repa_width] of the picture stream, None without `repa_layer`."""

    velocity: Tensor
    features: Tensor | None


def plane_angles(positions: Tensor, head_width: int) -> tuple[Tensor, Tensor]:
    """2D rotary angles: positions [n, 2] in bins -> cos and sin [n, head_width / 2], half of the pairs per axis.

    The frequencies are those that the `v4` network has for rows and columns.
    """
    angle = (positions.float().unsqueeze(-1) * plane_frequencies(head_width // 4).to(positions.device)).flatten(-2)
    return angle.cos(), angle.sin()


def cell_positions(rows: int, columns: int) -> Tensor:
    """Centres of the cells in 1/64 of the picture edge: [rows * columns, 2]."""
    return output_positions(rows, columns)[:, 1:]


def word_positions(count: int) -> Tensor:
    """Words on the diagonal that begins where the picture ends: [count, 2]."""
    place = FRAME_BINS + torch.arange(count, dtype=torch.float32)
    return torch.stack([place, place], dim=-1)


class Stream(nn.Module):
    """The weights of one modality in one block."""

    def __init__(self, config: MmDitConfig) -> None:
        super().__init__()
        width = config.width
        self.heads, self.head_width = config.heads, config.head_width
        self.modulation = nn.Linear(width, 6 * width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.proj = nn.Linear(width, width, bias=False)
        self.gate_up = nn.Linear(width, 2 * config.mlp_width, bias=False)
        self.down = nn.Linear(config.mlp_width, width, bias=False)
        self.q_gain = nn.Parameter(torch.ones(config.head_width))
        self.k_gain = nn.Parameter(torch.ones(config.head_width))
        nn.init.zeros_(self.modulation.weight)  # gates start closed: each block begins as the identity (adaLN-Zero)
        nn.init.zeros_(self.modulation.bias)

    def modulations(self, condition: Tensor) -> tuple[Tensor, ...]:
        """condition [B, d] -> six [B, 1, d]: shift, scale and gate of attention, then of the perceptron."""
        return self.modulation(condition).unsqueeze(1).chunk(6, dim=-1)

    def queries_keys_values(self, x: Tensor, shift: Tensor, scale: Tensor, angles: tuple[Tensor, Tensor]) -> tuple[Tensor, ...]:
        """x [B, n, d] -> three [B, h, n, e], queries and keys turned to their positions."""
        batch, count, _ = x.shape
        mixed = self.qkv(rms_norm(x) * (1 + scale) + shift)
        q, k, v = mixed.view(batch, count, 3, self.heads, self.head_width).permute(2, 0, 3, 1, 4)
        cos, sin = (part.to(x.dtype) for part in angles)
        q, k = rms_norm(q) * self.q_gain.to(x.dtype), rms_norm(k) * self.k_gain.to(x.dtype)
        return rotate(q, cos, sin), rotate(k, cos, sin), v

    def joined(self, x: Tensor, seen: Tensor, parts: tuple[Tensor, ...]) -> Tensor:
        """The residual stream [B, n, d] after attention `seen` [B, n, d] and perceptron."""
        _, _, gate1, shift2, scale2, gate2 = parts
        x = x + gate1 * self.proj(seen)
        gate, up = self.gate_up(rms_norm(x) * (1 + scale2) + shift2).chunk(2, dim=-1)
        return x + gate2 * self.down(F.silu(gate) * up)


class JointBlock(nn.Module):
    """Two streams, one attention over both."""

    def __init__(self, config: MmDitConfig) -> None:
        super().__init__()
        self.text, self.picture = Stream(config), Stream(config)

    def forward(
        self, words: Tensor, cells: Tensor, condition: Tensor, word_angles: tuple, cell_angles: tuple, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """words [B, n, d], cells [B, m, d], mask bool [B, 1, 1, n + m] (True = may be seen) -> both streams anew."""
        text_parts, picture_parts = self.text.modulations(condition), self.picture.modulations(condition)
        text = self.text.queries_keys_values(words, *text_parts[:2], word_angles)
        picture = self.picture.queries_keys_values(cells, *picture_parts[:2], cell_angles)
        q, k, v = (torch.cat(pair, dim=2) for pair in zip(text, picture, strict=True))
        seen = F.scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).flatten(2)
        of_words, of_cells = seen.split([words.shape[1], cells.shape[1]], dim=1)
        return self.text.joined(words, of_words, text_parts), self.picture.joined(cells, of_cells, picture_parts)


class MmDit(nn.Module):
    """Text-conditioned velocity of latents."""

    def __init__(self, config: MmDitConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.words = nn.Embedding(config.vocabulary, config.word_width)
        self.word_input = nn.Linear(config.word_width, width, bias=False)
        self.cell_input = nn.Linear(config.channels, width)
        self.time = TimeEmbedding(width)
        self.summary = nn.Linear(config.word_width, width)  # the mean of the words steers the modulation, as a pooled text does
        self.blocks = nn.ModuleList(JointBlock(config) for _ in range(config.layers))
        self.head_modulation = nn.Linear(width, 2 * width)
        self.head = nn.Linear(width, config.channels)
        self.repa = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, config.repa_width)) if config.repa_layer else None
        for linear in (self.head_modulation, self.head):
            nn.init.zeros_(linear.weight)
            nn.init.zeros_(linear.bias)

    def forward(self, latents: Tensor, t: Tensor, token_ids: Tensor, positions: Tensor) -> Prediction:
        """latents [B, m, c], t [B] in 0..1 (1 = noise), token_ids int64 [B, n], positions [m, 2]. Errors: ShapeError."""
        self._check(latents, t, token_ids, positions)
        embedded = self.words(token_ids)
        known = (token_ids != self.config.pad).unsqueeze(-1)
        mean = (embedded * known).sum(1) / known.sum(1).clamp(min=1)
        condition = F.silu(self.time(t) + self.summary(mean))
        words, cells = self.word_input(embedded), self.cell_input(latents)
        condition = condition.to(cells.dtype)
        word_angles = plane_angles(word_positions(token_ids.shape[1]).to(latents.device), self.config.head_width)
        cell_angles = plane_angles(positions, self.config.head_width)
        mask = torch.cat([known[..., 0], known.new_ones(latents.shape[:2])], dim=1)[:, None, None, :]
        features = None
        for number, block in enumerate(self.blocks, start=1):
            words, cells = block(words, cells, condition, word_angles, cell_angles, mask)
            if number == self.config.repa_layer:
                features = self.repa(cells)
        shift, scale = self.head_modulation(condition).unsqueeze(1).chunk(2, dim=-1)
        return Prediction(self.head(rms_norm(cells) * (1 + scale) + shift), features)

    def _check(self, latents: Tensor, t: Tensor, token_ids: Tensor, positions: Tensor) -> None:
        batch, cells, channels = latents.shape if latents.dim() == 3 else (-1, -1, -1)
        if channels != self.config.channels:
            raise ShapeError(f"latents {list(latents.shape)}, not [B, m, {self.config.channels}]")
        if t.shape != (batch,) or token_ids.dim() != 2 or token_ids.shape[0] != batch:
            raise ShapeError(f"t {list(t.shape)} and words {list(token_ids.shape)} beside {batch} pictures")
        if token_ids.shape[1] > self.config.max_words:
            raise ShapeError(f"{token_ids.shape[1]} words, the limit is {self.config.max_words}")
        if positions.shape != (cells, 2):
            raise ShapeError(f"positions {list(positions.shape)} of {cells} cells")


def repa_loss(features: Tensor, truth: Tensor) -> Tensor:
    """1 - cosine between the stream's features and a frozen network's [B, m, f] (REPA, Yu et al. 2025; cosine as in
    Seedream 3.0's report)."""
    return 1 - F.cosine_similarity(features.float(), truth.float(), dim=-1).mean()
