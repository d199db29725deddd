"""Product of 8-bit activations and 8-bit weights, in exact integers."""

from __future__ import annotations

import torch
from torch import Tensor


def integer_product(x: Tensor, weight: Tensor) -> Tensor:
    """int8 [M, K] times int8 [N, K] transposed -> the exact sums as f64 [M, N] (|sum| < 2^53)."""
    return x.double() @ weight.double().T


def w8a8_gemm(
    x: Tensor,
    x_scale: Tensor,
    weight: Tensor,
    channel_scale: Tensor,
    residual: Tensor | None = None,
    gate: Tensor | None = None,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """x int8 [M, K], x_scale f32 [M], weight int8 [N, K], channel_scale f32 [N] -> [M, N] in `dtype`.

    With a residual [M, N] and a gate [B, N] (row m uses gate[m * B // M]): residual + gate * product.
    """
    scaled = integer_product(x, weight) * x_scale.double()[:, None] * channel_scale.double()
    return with_residual(scaled, residual, gate).to(dtype)


def with_residual(product: Tensor, residual: Tensor | None, gate: Tensor | None) -> Tensor:
    """f64 [M, N] throughout."""
    if residual is None:
        return product
    if gate is None:
        return residual.double() + product
    per_row = gate.double().repeat_interleave(product.shape[0] // gate.shape[0], dim=0)
    return residual.double() + per_row * product
