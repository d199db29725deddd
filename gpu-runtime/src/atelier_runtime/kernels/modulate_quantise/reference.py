"""RMS norm, AdaLN modulation and 8-bit rounding of one row, in one pass over it."""

from __future__ import annotations

import torch
from torch import Tensor

NORM_EPSILON = 1e-6
MAX_Q8 = 127


def quantise_rows(x: Tensor, smoothing: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """[M, K] -> int8 [M, K] and f32 [M] with x / smoothing = q * scale; a row of zeros has scale 1. Halves are rounded up."""
    exact = x.double() if smoothing is None else x.double() / smoothing.double()
    largest = exact.abs().amax(-1)
    scale = torch.where(largest > 0, largest / MAX_Q8, torch.ones_like(largest))
    q = (exact / scale[..., None] + 0.5).floor().clamp(-MAX_Q8, MAX_Q8)
    return q.to(torch.int8), scale.float()


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """x [M, D], shift and scale [B, D] (row m uses m * B // M) -> f64 [M, D]: rms_norm(x) (1 + scale) + shift."""
    exact = x.double()
    normed = exact * torch.rsqrt(exact.square().mean(-1, keepdim=True) + NORM_EPSILON)
    shift, scale = (part.double().repeat_interleave(x.shape[0] // part.shape[0], dim=0) for part in (shift, scale))
    return normed * (1 + scale) + shift


def modulate_quantise(x: Tensor, shift: Tensor, scale: Tensor, smoothing: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """As `modulate`, then as `quantise_rows` with smoothing [D], whose inverse is inside the weights."""
    return quantise_rows(modulate(x, shift, scale), smoothing)
