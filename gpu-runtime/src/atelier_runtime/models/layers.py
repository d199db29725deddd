"""Building blocks of the transformer: norms, rotary positions, attention block.

Shapes: B sequences, n tokens, d width, h heads of size e (d = h * e).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FRAME_BINS = 64.0  # a picture edge is 64 layout bins long, whatever its pixel size


def rms_norm(x: Tensor) -> Tensor:
    """Root-mean-square norm over the last axis without gain (the gain comes from AdaLN)."""
    return x * torch.rsqrt(x.float().square().mean(-1, keepdim=True) + 1e-6).to(x.dtype)


def fourier_features(values: Tensor, frequencies: int = 16) -> Tensor:
    """sin/cos basis of bin coordinates: [...] -> [..., 2 * frequencies].

    Integer multiples of one half turn per frame, so that products of two such bases are again
    inside the basis: a relative offset is a bilinear function of two positions.
    """
    harmonics = torch.arange(1, frequencies + 1, dtype=torch.float32, device=values.device)
    angle = values.float().unsqueeze(-1) * harmonics * (math.pi / FRAME_BINS)
    return torch.cat([angle.sin(), angle.cos()], dim=-1)


def rotary_frequencies(head_width: int) -> tuple[Tensor, Tensor, Tensor]:
    """Angular speeds (radians per unit) of the rotary pairs of the axes image, row, column.

    An eighth of the pairs turns with the image index, the rest is shared by row and column, with
    wavelengths from 10 bins (two objects one grid cell apart differ clearly) to four frames.
    """
    pairs = head_width // 2
    image_pairs = max(1, pairs // 8)
    plane_pairs = (pairs - image_pairs) // 2
    image_pairs = pairs - 2 * plane_pairs
    image = 1.0 / (4.0 ** torch.arange(image_pairs, dtype=torch.float32))
    plane = plane_frequencies(plane_pairs)
    return image, plane, plane.clone()


def plane_frequencies(pairs: int) -> Tensor:
    """Radians per bin [pairs]: wavelengths from 10 bins to four picture edges, evenly spread by their ratio."""
    wavelength = 10.0 * (4 * FRAME_BINS / 10.0) ** torch.linspace(0.0, 1.0, pairs)
    return 2 * math.pi / wavelength


def rotary_angles(positions: Tensor, head_width: int) -> tuple[Tensor, Tensor]:
    """cos and sin of the rotary angles: positions [..., 3] -> two [..., head_width / 2]."""
    image, row, column = (f.to(positions.device) for f in rotary_frequencies(head_width))
    angle = torch.cat(
        [
            positions[..., 0:1].float() * image,
            positions[..., 1:2].float() * row,
            positions[..., 2:3].float() * column,
        ],
        dim=-1,
    )
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn pairs (i, i + e/2) of [..., n, e] by the angles [..., n, e/2]."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


def attend(q: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
    """Softmax attention [B, h, n, e]. Written out: with under 100 keys two batched matmuls beat the
    fused CPU kernel, whose backward pass takes a sixth of a training step."""
    scores = (q * q.shape[-1] ** -0.5) @ keys.transpose(-1, -2)
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e4)
    return scores.softmax(dim=-1).to(values.dtype) @ values


class TimeEmbedding(nn.Module):
    """Sinusoids of t in [0, 1] followed by a two-layer perceptron: [B] -> [B, d]."""

    def __init__(self, width: int, sinusoids: int = 64) -> None:
        super().__init__()
        self.half = sinusoids // 2
        self.input = nn.Linear(sinusoids, width)
        self.output = nn.Linear(width, width)

    def forward(self, t: Tensor) -> Tensor:
        speed = torch.exp(torch.arange(self.half, device=t.device) * (-math.log(1000.0) / self.half))
        angle = t.float().unsqueeze(-1) * 1000.0 * speed
        return self.output(F.silu(self.input(torch.cat([angle.cos(), angle.sin()], dim=-1))))


class Block(nn.Module):
    """Single-stream transformer block: attention and SwiGLU under one shared AdaLN modulation.

    The values are turned with the keys' positions and turned back with the queries' (as in
    "GTA: geometric transform attention", Miyato et al. 2024), so that what a picture token reads
    from a grounded word is expressed in offsets from itself.
    """

    def __init__(self, width: int, head_width: int, mlp_width: int, layers: int) -> None:
        super().__init__()
        self.heads, self.head_width = width // head_width, head_width
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.proj = nn.Linear(width, width, bias=False)
        self.gate_up = nn.Linear(width, 2 * mlp_width, bias=False)
        self.down = nn.Linear(mlp_width, width, bias=False)
        self.q_gain = nn.Parameter(torch.ones(head_width))
        self.k_gain = nn.Parameter(torch.ones(head_width))
        table = torch.zeros(6, width)
        table[2] = table[5] = 1.0  # gates start open
        self.table = nn.Parameter(table)
        nn.init.normal_(self.qkv.weight, std=width**-0.5)
        nn.init.normal_(self.gate_up.weight, std=width**-0.5)
        for last in (self.proj, self.down):
            nn.init.normal_(last.weight, std=0.5 * last.in_features**-0.5 / math.sqrt(layers))

    def forward(
        self,
        x: Tensor,
        modulation: Tensor,
        cos: Tensor,
        sin: Tensor,
        prefix_kv: tuple[Tensor, Tensor] | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """x [B, n, d], modulation [B, 6, d], cos/sin [B or 1, 1, n, e/2], prefix keys and values
        [B, h, p, e] (already turned), mask broadcastable to [B, h, n, p + n] (True = may look).

        Returns the new x and this sequence's own keys and values [B, h, n, e] before any position.
        """
        table = (modulation + self.table.to(modulation.dtype)).unsqueeze(2)
        shift1, scale1, gate1, shift2, scale2, gate2 = (table[:, i] for i in range(6))
        batch, tokens, width = x.shape

        mixed = self.qkv(rms_norm(x) * (1 + scale1) + shift1)
        q, k, v = mixed.view(batch, tokens, 3, self.heads, self.head_width).permute(2, 0, 3, 1, 4)
        q = rotate(rms_norm(q) * self.q_gain.to(x.dtype), cos, sin)
        k = rms_norm(k) * self.k_gain.to(x.dtype)
        keys, values = rotate(k, cos, sin), rotate(v, cos, sin)
        if prefix_kv is not None:
            keys = torch.cat([prefix_kv[0], keys], dim=2)
            values = torch.cat([prefix_kv[1], values], dim=2)
        seen = attend(q, keys, values, mask)
        seen = rotate(seen, cos, -sin).transpose(1, 2).reshape(batch, tokens, width)
        x = x + gate1 * self.proj(seen)

        gate, up = self.gate_up(rms_norm(x) * (1 + scale2) + shift2).chunk(2, dim=-1)
        x = x + gate2 * self.down(F.silu(gate) * up)
        return x, k, v
