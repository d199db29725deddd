"""8-bit activations times packed 4-bit weights."""

import torch
from torch import Tensor

from atelier_runtime.kernels.dispatch import runs_on_triton
from atelier_runtime.kernels.int4_weights import Int4Weights
from atelier_runtime.kernels.w4a8_gemm import reference

__all__ = ["w4a8_gemm"]


def w4a8_gemm(
    x: Tensor,
    x_scale: Tensor,
    weights: Int4Weights,
    residual: Tensor | None = None,
    gate: Tensor | None = None,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """x int8 [M, K], weights [N, K] -> [M, N]; see `reference`."""
    if not runs_on_triton(x):
        return reference.w4a8_gemm(x, x_scale, weights, residual, gate, dtype)
    from atelier_runtime.kernels.w4a8_gemm import kernel

    return kernel.w4a8_gemm(x, x_scale, weights, residual, gate, dtype)
