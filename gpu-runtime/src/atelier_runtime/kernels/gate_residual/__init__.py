"""The gated branch joins the residual stream, for products in 16 bit."""

from torch import Tensor

from atelier_runtime.kernels.dispatch import runs_on_triton
from atelier_runtime.kernels.gate_residual import reference

__all__ = ["gate_residual"]


def gate_residual(residual: Tensor, gate: Tensor, branch: Tensor) -> Tensor:
    """residual and branch [M, D], gate [B, D] -> residual + gate * branch; see `reference`."""
    if not runs_on_triton(residual):
        return reference.gate_residual(residual, gate, branch)
    from atelier_runtime.kernels.gate_residual import kernel

    return kernel.gate_residual(residual, gate, branch)
