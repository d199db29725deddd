"""8-bit activations times 8-bit weights."""

import torch
from torch import Tensor

from atelier_runtime.kernels.dispatch import runs_on_triton
from atelier_runtime.kernels.w8a8_gemm import reference

__all__ = ["w8a8_gemm"]


def w8a8_gemm(
    x: Tensor,
    x_scale: Tensor,
    weight: Tensor,
    channel_scale: Tensor,
    residual: Tensor | None = None,
    gate: Tensor | None = None,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """x int8 [M, K], weight int8 [N, K] -> [M, N]; see `reference`."""
    if not runs_on_triton(x):
        return reference.w8a8_gemm(x, x_scale, weight, channel_scale, residual, gate, dtype)
    from atelier_runtime.kernels.w8a8_gemm import kernel

    return kernel.w8a8_gemm(x, x_scale, weight, channel_scale, residual, gate, dtype)
