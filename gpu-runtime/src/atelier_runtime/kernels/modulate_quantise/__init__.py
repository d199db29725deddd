"""Norm, modulation and per-row 8-bit rounding of a linear layer's input."""

from torch import Tensor

from atelier_runtime.kernels.dispatch import runs_on_triton
from atelier_runtime.kernels.modulate_quantise import reference

__all__ = ["modulate_quantise", "quantise_rows"]


def modulate_quantise(x: Tensor, shift: Tensor, scale: Tensor, smoothing: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """x [M, D] -> int8 [M, D], f32 [M]; see `reference`."""
    if not runs_on_triton(x):
        return reference.modulate_quantise(x, shift, scale, smoothing)
    from atelier_runtime.kernels.modulate_quantise import kernel

    return kernel.modulate_quantise(x, shift, scale, smoothing)


def quantise_rows(x: Tensor, smoothing: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """x [M, K] -> int8 [M, K], f32 [M]; see `reference`."""
    if not runs_on_triton(x):
        return reference.quantise_rows(x, smoothing)
    from atelier_runtime.kernels.modulate_quantise import kernel

    return kernel.quantise_rows(x.contiguous(), smoothing)
