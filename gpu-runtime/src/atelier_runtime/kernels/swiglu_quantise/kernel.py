"""One program a row."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from atelier_runtime.kernels.modulate_quantise.kernel import store_quantised


@triton.jit
def _swiglu_quantise_kernel(gate_up, smoothing, out, out_scale, width, HAS_SMOOTHING: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    column = tl.arange(0, BLOCK)
    inside = column < width
    gate = tl.load(gate_up + row * 2 * width + column, mask=inside, other=0.0).to(tl.float32)
    up = tl.load(gate_up + row * 2 * width + width + column, mask=inside, other=0.0).to(tl.float32)
    value = gate / (1.0 + tl.exp(-gate)) * up
    if HAS_SMOOTHING:
        value = value / tl.load(smoothing + column, mask=inside, other=1.0)
    store_quantised(value, out, out_scale, row, column, width, inside)


def swiglu_quantise(gate_up: Tensor, smoothing: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Shapes as in the reference; all inputs contiguous."""
    rows, width = gate_up.shape[0], gate_up.shape[1] // 2
    out = torch.empty(rows, width, dtype=torch.int8, device=gate_up.device)
    out_scale = torch.empty(rows, dtype=torch.float32, device=gate_up.device)
    _swiglu_quantise_kernel[(rows,)](
        gate_up, smoothing, out, out_scale, width, HAS_SMOOTHING=smoothing is not None, BLOCK=triton.next_power_of_2(width)
    )
    return out, out_scale
