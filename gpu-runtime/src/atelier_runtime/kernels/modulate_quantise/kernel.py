"""One program a row: the row is read once, normed, modulated and written as bytes."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from atelier_runtime.kernels.modulate_quantise.reference import NORM_EPSILON


@triton.jit
def store_quantised(value, out, out_scale, row, column, width, inside):
    """Writes one row [BLOCK] of f32 as bytes with its scale; elements outside are zero."""
    largest = tl.max(tl.abs(value), axis=0)
    scale = tl.where(largest > 0, largest / 127.0, 1.0)
    rounded = tl.floor(value / scale + 0.5)
    rounded = tl.minimum(tl.maximum(rounded, -127.0), 127.0)
    tl.store(out + row * width + column, rounded.to(tl.int8), mask=inside)
    tl.store(out_scale + row, scale)


@triton.jit
def load_modulated(x, shift, scale, row, column, inside, width, rows_per_condition, EPSILON: tl.constexpr):
    """One row [BLOCK] in f32, normed and modulated; elements outside are zero."""
    value = tl.load(x + row * width + column, mask=inside, other=0.0).to(tl.float32)
    value = value * tl.rsqrt(tl.sum(value * value, axis=0) / width + EPSILON)
    condition = (row // rows_per_condition) * width + column
    value = value * (1.0 + tl.load(scale + condition, mask=inside, other=0.0).to(tl.float32))
    return value + tl.load(shift + condition, mask=inside, other=0.0).to(tl.float32)


@triton.jit
def _modulate_quantise_kernel(
    x, shift, scale, smoothing, out, out_scale, width, rows_per_condition,
    HAS_SMOOTHING: tl.constexpr, EPSILON: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    column = tl.arange(0, BLOCK)
    inside = column < width
    value = load_modulated(x, shift, scale, row, column, inside, width, rows_per_condition, EPSILON)
    if HAS_SMOOTHING:
        value = value / tl.load(smoothing + column, mask=inside, other=1.0)
    store_quantised(value, out, out_scale, row, column, width, inside)


@triton.jit
def _quantise_rows_kernel(x, smoothing, out, out_scale, width, HAS_SMOOTHING: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    column = tl.arange(0, BLOCK)
    inside = column < width
    value = tl.load(x + row * width + column, mask=inside, other=0.0).to(tl.float32)
    if HAS_SMOOTHING:
        value = value / tl.load(smoothing + column, mask=inside, other=1.0)
    store_quantised(value, out, out_scale, row, column, width, inside)


def quantise_rows(x: Tensor, smoothing: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Shapes as in the reference; all inputs contiguous."""
    rows, width = x.shape
    out = torch.empty(rows, width, dtype=torch.int8, device=x.device)
    out_scale = torch.empty(rows, dtype=torch.float32, device=x.device)
    _quantise_rows_kernel[(rows,)](
        x, smoothing, out, out_scale, width, HAS_SMOOTHING=smoothing is not None, BLOCK=triton.next_power_of_2(width)
    )
    return out, out_scale


def modulate_quantise(x: Tensor, shift: Tensor, scale: Tensor, smoothing: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Shapes as in the reference; all inputs contiguous."""
    rows, width = x.shape
    out = torch.empty(rows, width, dtype=torch.int8, device=x.device)
    out_scale = torch.empty(rows, dtype=torch.float32, device=x.device)
    _modulate_quantise_kernel[(rows,)](
        x, shift, scale, smoothing, out, out_scale, width, rows // shift.shape[0],
        HAS_SMOOTHING=smoothing is not None, EPSILON=NORM_EPSILON, BLOCK=triton.next_power_of_2(width),
    )  # fmt: skip
    return out, out_scale
