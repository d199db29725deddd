"""8-bit product with the weights as the left operand: a program computes [BLOCK_N, BLOCK_M] of the transposed result."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from atelier_runtime.kernels.dispatch import Tile, choose_tile

_BLOCK_K = 128


@triton.jit
def store_product(
    sums, x_scale, channel_scale, residual, gate, out, row, column, M, N, rows_per_gate,
    HAS_RESIDUAL: tl.constexpr, HAS_GATE: tl.constexpr,
):  # fmt: skip
    """Scales int32 [BLOCK_N, BLOCK_M], adds the residual and writes [row, column]; row [BLOCK_M], column [BLOCK_N]."""
    by_channel = tl.load(channel_scale + column, mask=column < N, other=0.0)
    by_row = tl.load(x_scale + row, mask=row < M, other=0.0)
    result = sums.to(tl.float32) * by_channel[:, None] * by_row[None, :]
    inside = (column < N)[:, None] & (row < M)[None, :]
    at = row[None, :].to(tl.int64) * N + column[:, None]
    if HAS_GATE:
        opened = tl.load(gate + (row // rows_per_gate)[None, :].to(tl.int64) * N + column[:, None], mask=inside, other=0.0)
        result = result * opened.to(tl.float32)
    if HAS_RESIDUAL:
        result = result + tl.load(residual + at, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + at, result.to(out.dtype.element_ty), mask=inside)


@triton.jit
def _w8a8_gemm_kernel(
    x, x_scale, weight, channel_scale, residual, gate, out, M, N, K, rows_per_gate,
    HAS_RESIDUAL: tl.constexpr, HAS_GATE: tl.constexpr,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(1) * BLOCK_M + tl.arange(0, BLOCK_M)
    column = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    sums = tl.zeros((BLOCK_N, BLOCK_M), dtype=tl.int32)
    for start in range(0, K, BLOCK_K):
        k = start + tl.arange(0, BLOCK_K)
        left = tl.load(weight + column[:, None].to(tl.int64) * K + k[None, :], mask=(column < N)[:, None] & (k < K)[None, :], other=0)
        right = tl.load(x + row[None, :].to(tl.int64) * K + k[:, None], mask=(row < M)[None, :] & (k < K)[:, None], other=0)
        sums = tl.dot(left, right, sums, out_dtype=tl.int32)
    store_product(
        sums, x_scale, channel_scale, residual, gate, out, row, column, M, N, rows_per_gate, HAS_RESIDUAL, HAS_GATE
    )  # fmt: skip


def w8a8_gemm(
    x: Tensor,
    x_scale: Tensor,
    weight: Tensor,
    channel_scale: Tensor,
    residual: Tensor | None = None,
    gate: Tensor | None = None,
    dtype: torch.dtype = torch.bfloat16,
    tile: Tile | None = None,
) -> Tensor:
    """Shapes as in the reference; all inputs contiguous."""
    (m, k), n = x.shape, weight.shape[0]
    tile = tile or choose_tile("w8a8_gemm", m, n, k, x.device)
    out = torch.empty(m, n, dtype=dtype, device=x.device)
    grid = (triton.cdiv(n, tile.block_n), triton.cdiv(m, tile.block_m))
    _w8a8_gemm_kernel[grid](
        x, x_scale, weight, channel_scale, residual, gate, out, m, n, k, m // gate.shape[0] if gate is not None else m,
        HAS_RESIDUAL=residual is not None, HAS_GATE=gate is not None,
        BLOCK_M=tile.block_m, BLOCK_N=tile.block_n, BLOCK_K=_BLOCK_K, num_warps=tile.warps, num_stages=tile.stages,
    )  # fmt: skip
    return out
