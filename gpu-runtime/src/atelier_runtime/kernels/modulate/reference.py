"""RMS norm and AdaLN modulation of rows."""

from __future__ import annotations

from torch import Tensor

from atelier_runtime.kernels.modulate_quantise import reference as modulate_quantise


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """x [M, D], shift and scale [B, D] (row m uses m * B // M) -> rms_norm(x) (1 + scale) + shift in the format of x."""
    return modulate_quantise.modulate(x, shift, scale).to(x.dtype)
