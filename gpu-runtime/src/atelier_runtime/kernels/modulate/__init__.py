"""RMS norm and AdaLN modulation without rounding, for products in 16 bit."""

from torch import Tensor

from atelier_runtime.kernels.dispatch import runs_on_triton
from atelier_runtime.kernels.modulate import reference

__all__ = ["modulate"]


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """x [M, D], shift and scale [B, D] -> [M, D] in the format of x; see `reference`."""
    if not runs_on_triton(x):
        return reference.modulate(x, shift, scale)
    from atelier_runtime.kernels.modulate import kernel

    return kernel.modulate(x, shift, scale)
