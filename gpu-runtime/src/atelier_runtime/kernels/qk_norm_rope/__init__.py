"""Norm and rotation of queries, keys and values."""

from torch import Tensor

from atelier_runtime.kernels.dispatch import runs_on_triton
from atelier_runtime.kernels.qk_norm_rope import reference

__all__ = ["qk_norm_rope"]


def qk_norm_rope(qkv: Tensor, q_gain: Tensor, k_gain: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """qkv [B, n, 3, h, e] -> five [B, h, n, e]; see `reference`."""
    if not runs_on_triton(qkv):
        return reference.qk_norm_rope(qkv, q_gain, k_gain, cos, sin)
    from atelier_runtime.kernels.qk_norm_rope import kernel

    return kernel.qk_norm_rope(qkv, q_gain, k_gain, cos, sin)
