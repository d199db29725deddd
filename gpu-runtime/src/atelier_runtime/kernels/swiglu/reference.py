"""SwiGLU (Shazeer 2020) between the two products of the perceptron."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def swiglu(gate_up: Tensor) -> Tensor:
    """gate_up [M, 2 F] (gate first) -> silu(gate) * up [M, F] in its format."""
    gate, up = gate_up.double().chunk(2, dim=-1)
    return (F.silu(gate) * up).to(gate_up.dtype)
