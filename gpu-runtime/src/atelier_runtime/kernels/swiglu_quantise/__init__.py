"""SwiGLU with per-row 8-bit rounding."""

from torch import Tensor

from atelier_runtime.kernels.dispatch import runs_on_triton
from atelier_runtime.kernels.swiglu_quantise import reference

__all__ = ["swiglu_quantise"]


def swiglu_quantise(gate_up: Tensor, smoothing: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """gate_up [M, 2 F] -> int8 [M, F], f32 [M]; see `reference`."""
    if not runs_on_triton(gate_up):
        return reference.swiglu_quantise(gate_up, smoothing)
    from atelier_runtime.kernels.swiglu_quantise import kernel

    return kernel.swiglu_quantise(gate_up, smoothing)
