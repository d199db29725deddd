"""Fused 4-bit product: weights are widened in registers, two contiguous halves of a group at a time."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from atelier_runtime.kernels.dispatch import Tile, choose_tile, interpreted
from atelier_runtime.kernels.int4_weights.kernel import expand_int4
from atelier_runtime.kernels.int4_weights.reference import Int4Weights
from atelier_runtime.kernels.w8a8_gemm.kernel import finish_product, store_sums, tile_of_program, w8a8_gemm

# Four weights in one 32-bit register. With u = q + 8 in 0..15 and a scale s in 1..17 each byte of u * s + 128 - 8 s is
# q * s + 128 in 9..247, so no byte carries into the next one; flipping the top bits gives q * s in two's complement
# (the idea of LiquidGEMM, Hu et al. 2025). Nine instructions for eight weights instead of twenty.
WIDEN_FOUR = """
{
.reg .b32 s, a, u;
and.b32 s, $3, 255;
mad.lo.u32 a, s, 0xf7f7f7f8, 0x80808080;
xor.b32 u, $2, 0x08080808;
and.b32 u, u, 0x0f0f0f0f;
mad.lo.u32 u, u, s, a;
xor.b32 $0, u, 0x80808080;
shr.u32 u, $2, 4;
xor.b32 u, u, 0x08080808;
and.b32 u, u, 0x0f0f0f0f;
mad.lo.u32 u, u, s, a;
xor.b32 $1, u, 0x80808080;
}
"""
_WIDEN_FOUR: tl.constexpr = tl.constexpr(WIDEN_FOUR)


@triton.jit
def _widened(pair, scale, PACKED: tl.constexpr):
    """Low and high halves of bytes [BLOCK_N, HALF] times their scale [BLOCK_N, 1], as int8."""
    if PACKED:
        return tl.inline_asm_elementwise(
            _WIDEN_FOUR, "=r,=r,r,r", [pair, tl.broadcast_to(scale, pair.shape)], dtype=(tl.int8, tl.int8), is_pure=True, pack=4
        )
    else:
        return ((pair << 4) >> 4) * scale, (pair >> 4) * scale


@triton.jit
def _w4a8_gemm_kernel(
    x, x_scale, packed, group_scale, channel_scale, residual, gate, out, M, N, K, groups, rows_per_gate, groups_per_split,
    HAS_RESIDUAL: tl.constexpr, HAS_GATE: tl.constexpr, SPLIT: tl.constexpr, EVEN_K: tl.constexpr, PACKED: tl.constexpr,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, GROUP: tl.constexpr, SWIZZLE: tl.constexpr,
):  # fmt: skip
    HALF: tl.constexpr = GROUP // 2
    tile_m, tile_n = tile_of_program(tl.program_id(0), tl.cdiv(M, BLOCK_M), tl.cdiv(N, BLOCK_N), SWIZZLE)
    row = tile_m * BLOCK_M + tl.arange(0, BLOCK_M)
    column = tile_n * BLOCK_N + tl.arange(0, BLOCK_N)
    byte = tl.arange(0, HALF)
    # Rows beyond the end read others again instead of being masked; their sums are not stored.
    weight_row = packed + (column % N)[:, None].to(tl.int64) * (groups * HALF) + byte[None, :]
    scale_row = group_scale + (column % N).to(tl.int64) * groups
    x_row = x + (row % M)[None, :].to(tl.int64) * K
    sums = tl.zeros((BLOCK_N, BLOCK_M), dtype=tl.int32)
    first = tl.program_id(1) * groups_per_split
    for group in range(first, tl.minimum(first + groups_per_split, groups)):
        pair = tl.load(weight_row + group * HALF)
        scale = tl.load(scale_row + group)[:, None]
        k = group * GROUP + byte
        if EVEN_K:
            low, high = tl.load(x_row + k[:, None]), tl.load(x_row + (k + HALF)[:, None])
        else:
            low = tl.load(x_row + k[:, None], mask=(k < K)[:, None], other=0)
            high = tl.load(x_row + (k + HALF)[:, None], mask=(k + HALF < K)[:, None], other=0)
        low_weights, high_weights = _widened(pair, scale, PACKED)
        sums = tl.dot(low_weights, low, sums, out_dtype=tl.int32)
        sums = tl.dot(high_weights, high, sums, out_dtype=tl.int32)
    store_sums(
        sums, x_scale, channel_scale, residual, gate, out, tile_m, tile_n, M, N, rows_per_gate, HAS_RESIDUAL, HAS_GATE, SPLIT
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
    partial = torch.empty(tile.splits, n, m, dtype=torch.int32, device=x.device) if tile.splits > 1 else None
    _w4a8_gemm_kernel[(triton.cdiv(n, tile.block_n) * triton.cdiv(m, tile.block_m), tile.splits)](
        x, x_scale, weights.packed, weights.group_scale, weights.channel_scale, residual, gate, out if partial is None else partial,
        m, n, k, groups, m // gate.shape[0] if gate is not None else m, triton.cdiv(groups, tile.splits),
        HAS_RESIDUAL=residual is not None, HAS_GATE=gate is not None, SPLIT=partial is not None, EVEN_K=k % weights.group == 0,
        PACKED=tile.packed and not interpreted(),
        BLOCK_M=tile.block_m, BLOCK_N=tile.block_n, GROUP=weights.group, SWIZZLE=tile.swizzle,
        num_warps=tile.warps, num_stages=tile.stages,
    )  # fmt: skip
    return out if partial is None else finish_product(partial, x_scale, weights.channel_scale, residual, gate, out)
