"""Gate and residual after a product; in 8 bit it is the product's own epilogue."""

from __future__ import annotations

from torch import Tensor

from atelier_runtime.kernels.w8a8_gemm.reference import with_residual


def gate_residual(residual: Tensor, gate: Tensor, branch: Tensor) -> Tensor:
    """residual and branch [M, D], gate [B, D] (row m uses m * B // M) -> residual + gate * branch in the residual's format."""
    return with_residual(branch.double(), residual, gate).to(residual.dtype)
