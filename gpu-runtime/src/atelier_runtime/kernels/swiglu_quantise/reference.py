"""SwiGLU and 8-bit rounding between the two products of the perceptron."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from atelier_runtime.kernels.modulate_quantise.reference import quantise_rows


def swiglu_quantise(gate_up: Tensor, smoothing: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """gate_up [M, 2 F] (gate first) -> silu(gate) * up / smoothing as int8 [M, F] and f32 [M]."""
    gate, up = gate_up.double().chunk(2, dim=-1)
    return quantise_rows(F.silu(gate) * up, smoothing)
