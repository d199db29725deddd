"""4-bit weights: quantise, pack, widen."""

from torch import Tensor

from atelier_runtime.kernels.dispatch import runs_on_triton
from atelier_runtime.kernels.int4_weights import reference
from atelier_runtime.kernels.int4_weights.reference import Int4Weights, dequantise_int4, quantise_int4

__all__ = ["Int4Weights", "dequantise_int4", "expand_int4", "quantise_int4"]


def expand_int4(weights: Int4Weights) -> Tensor:
    """int8 [N, K]"""
    if not runs_on_triton(weights.packed):
        return reference.expand_int4(weights)
    from atelier_runtime.kernels.int4_weights import kernel

    return kernel.expand_int4(weights)
