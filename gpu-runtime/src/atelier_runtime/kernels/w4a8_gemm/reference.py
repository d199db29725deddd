"""Product of 8-bit activations and packed 4-bit weights: widen, then the exact 8-bit product."""

from __future__ import annotations

import torch
from torch import Tensor

from atelier_runtime.kernels.int4_weights.reference import Int4Weights, expand_int4
from atelier_runtime.kernels.w8a8_gemm.reference import w8a8_gemm


def w4a8_gemm(
    x: Tensor,
    x_scale: Tensor,
    weights: Int4Weights,
    residual: Tensor | None = None,
    gate: Tensor | None = None,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """x int8 [M, K], x_scale f32 [M], weights [N, K] -> [M, N] in `dtype`; residual and gate as in `w8a8_gemm`."""
    return w8a8_gemm(x, x_scale, expand_int4(weights), weights.channel_scale, residual, gate, dtype)
