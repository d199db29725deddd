"""Attention over a cached prefix and the own tokens."""

from torch import Tensor

from atelier_runtime.kernels.dispatch import runs_on_triton
from atelier_runtime.kernels.prefix_attention import reference
from atelier_runtime.kernels.prefix_attention.reference import Segments

__all__ = ["Segments", "prefix_attention"]


def prefix_attention(
    q: Tensor,
    keys: Tensor,
    values: Tensor,
    prefix_keys: Tensor | None,
    prefix_values: Tensor | None,
    cos: Tensor,
    sin: Tensor,
    segments: Segments | None = None,
) -> Tensor:
    """q, keys, values [B, h, n, e], prefix [B or 1, h, p, e] -> [B, n, h e]; see `reference`."""
    if not runs_on_triton(q):
        return reference.prefix_attention(q, keys, values, prefix_keys, prefix_values, cos, sin, segments)
    from atelier_runtime.kernels.prefix_attention import kernel

    return kernel.prefix_attention(q, keys, values, prefix_keys, prefix_values, cos, sin, segments)
