"""Norm and rotation of queries, keys and values, as `models.layers.Block` does it."""

from __future__ import annotations

import torch
from torch import Tensor

NORM_EPSILON = 1e-6


def qk_norm_rope(qkv: Tensor, q_gain: Tensor, k_gain: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """qkv [B, n, 3, h, e], gains [e], cos and sin [B or 1, n, e / 2] -> five [B, h, n, e] in the format of qkv:
    queries, keys and values turned to their positions, then keys and values before any position."""
    q, k, v = (part.double().transpose(1, 2) for part in qkv.unbind(2))
    q, k = _normed(q) * q_gain.double(), _normed(k) * k_gain.double()
    cos, sin = (angle.double().unsqueeze(1) for angle in (cos, sin))
    turned = (_rotated(part, cos, sin) for part in (q, k, v))
    return tuple(part.to(qkv.dtype) for part in (*turned, k, v))


def _normed(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + NORM_EPSILON)


def _rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turns the pairs (i, i + e / 2)."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)
