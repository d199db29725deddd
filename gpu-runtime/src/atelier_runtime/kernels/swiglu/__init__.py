"""SwiGLU without rounding, for products in 16 bit."""

from torch import Tensor

from atelier_runtime.kernels.dispatch import runs_on_triton
from atelier_runtime.kernels.swiglu import reference

__all__ = ["swiglu"]


def swiglu(gate_up: Tensor) -> Tensor:
    """gate_up [M, 2 F] (gate first) -> [M, F] in its format; see `reference`."""
    if not runs_on_triton(gate_up):
        return reference.swiglu(gate_up)
    from atelier_runtime.kernels.swiglu import kernel

    return kernel.swiglu(gate_up)
