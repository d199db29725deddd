"""Fused 4-bit product: weights are widened in registers, two contiguous halves of a group at a time."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from atelier_runtime.kernels.dispatch import Tile, choose_tile
from atelier_runtime.kernels.int4_weights.kernel import expand_int4
from atelier_runtime.kernels.int4_weights.reference import Int4Weights
from atelier_runtime.kernels.w8a8_gemm.kernel import store_product, w8a8_gemm


@triton.jit
def _w4a8_gemm_kernel(
    x, x_scale, packed, group_scale, channel_scale, residual, gate, out, M, N, K, groups, rows_per_gate,
    HAS_RESIDUAL: tl.constexpr, HAS_GATE: tl.constexpr,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    HALF: tl.constexpr = GROUP // 2
    row = tl.program_id(1) * BLOCK_M + tl.arange(0, BLOCK_M)
    column = tl.program_id(0) * BLOCK_N + tl.arange(0, BLOCK_N)
    byte = tl.arange(0, HALF)
    weight_row = packed + column[:, None].to(tl.int64) * (groups * HALF) + byte[None, :]
    x_row = x + row[None, :].to(tl.int64) * K
    sums = tl.zeros((BLOCK_N, BLOCK_M), dtype=tl.int32)
    for group in range(0, groups):
        pair = tl.load(weight_row + group * HALF, mask=(column < N)[:, None], other=0)
        scale = tl.load(group_scale + column.to(tl.int64) * groups + group, mask=column < N, other=0)[:, None]
        k = group * GROUP + byte
        low = tl.load(x_row + k[:, None], mask=(row < M)[None, :] & (k < K)[:, None], other=0)
        high = tl.load(x_row + (k + HALF)[:, None], mask=(row < M)[None, :] & (k + HALF < K)[:, None], other=0)
        sums = tl.dot(((pair << 4) >> 4) * scale, low, sums, out_dtype=tl.int32)
        sums = tl.dot((pair >> 4) * scale, high, sums, out_dtype=tl.int32)
    store_product(
        sums, x_scale, channel_scale, residual, gate, out, row, column, M, N, rows_per_gate, HAS_RESIDUAL, HAS_GATE
    )  # fmt: skip


def w4a8_gemm(
    x: Tensor,
    x_scale: Tensor,
    weights: Int4Weights,
    residual: Tensor | None = None,
    gate: Tensor | None = None,
    dtype: torch.dtype = torch.bfloat16,
    tile: Tile | None = None,
) -> Tensor:
    """Shapes as in the reference; all inputs contiguous. Many rows go through the weights widened once."""
    (m, k), (n, groups) = x.shape, weights.group_scale.shape
    tile = tile or choose_tile("w4a8_gemm", m, n, k, x.device)
    if tile.expand_once:
        return w8a8_gemm(x, x_scale, expand_int4(weights), weights.channel_scale, residual, gate, dtype, tile)
    out = torch.empty(m, n, dtype=dtype, device=x.device)
    grid = (triton.cdiv(n, tile.block_n), triton.cdiv(m, tile.block_m))
    _w4a8_gemm_kernel[grid](
        x, x_scale, weights.packed, weights.group_scale, weights.channel_scale, residual, gate, out,
        m, n, k, groups, m // gate.shape[0] if gate is not None else m,
        HAS_RESIDUAL=residual is not None, HAS_GATE=gate is not None,
        BLOCK_M=tile.block_m, BLOCK_N=tile.block_n, GROUP=weights.group, num_warps=tile.warps, num_stages=tile.stages,
    )  # fmt: skip
    return out
