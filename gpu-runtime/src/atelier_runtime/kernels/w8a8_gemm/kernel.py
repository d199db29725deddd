"""8-bit product with the weights as the left operand: a program computes [BLOCK_N, BLOCK_M] of the transposed result."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor
from triton.tools.tensor_descriptor import TensorDescriptor

from atelier_runtime.kernels.dispatch import Tile, choose_tile

_COPY_ALIGNMENT = 16  # bytes: rows that the copy engine reads begin at multiples of it


@triton.jit
def tile_of_program(program, tiles_m, tiles_n, SWIZZLE: tl.constexpr):
    """(row tile, column tile): SWIZZLE row tiles share the column tiles they walk over, so that weights are read once."""
    in_band = SWIZZLE * tiles_n
    first = (program // in_band) * SWIZZLE
    height = tl.minimum(tiles_m - first, SWIZZLE)
    inside = program % in_band
    return first + inside % height, inside // height


@triton.jit
def store_product(
    sums, x_scale, channel_scale, residual, gate, out, first_row, first_column, M, N, rows_per_gate,
    HAS_RESIDUAL: tl.constexpr, HAS_GATE: tl.constexpr,
):  # fmt: skip
    """Scales int32 [BLOCK_N, BLOCK_M], adds the residual and writes the tile that begins at [first_row, first_column]."""
    column, row = first_column + tl.arange(0, sums.shape[0]), first_row + tl.arange(0, sums.shape[1])
    by_channel = tl.load(channel_scale + column, mask=column < N, other=0.0)
    by_row = tl.load(x_scale + row, mask=row < M, other=0.0)
    result = sums.to(tl.float32) * by_channel[:, None] * by_row[None, :]
    inside = (column < N)[:, None] & (row < M)[None, :]
    # 64 bits for the corner alone: for every element they would cost a large tile its registers.
    corner = first_row.to(tl.int64) * N + first_column
    at = (row - first_row)[None, :] * N + (column - first_column)[:, None]
    if HAS_GATE:
        opened = tl.load(gate + (row // rows_per_gate)[None, :] * N + column[:, None], mask=inside, other=0.0)
        result = result * opened.to(tl.float32)
    if HAS_RESIDUAL:
        result = result + tl.load(residual + corner + at, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + corner + at, result.to(out.dtype.element_ty), mask=inside)


@triton.jit
def store_large_product(
    sums, x_scale, channel_scale, residual, gate, out, first_row, first_column, M, N, rows_per_gate,
    HAS_RESIDUAL: tl.constexpr, HAS_GATE: tl.constexpr,
):  # fmt: skip
    """As `store_product`, a large tile in two halves: with sums and residual of all of it alive registers do not suffice."""
    BLOCK_N: tl.constexpr = sums.shape[0]
    HALF_M: tl.constexpr = sums.shape[1] // 2
    if BLOCK_N * HALF_M < 16384:
        store_product(
            sums, x_scale, channel_scale, residual, gate, out, first_row, first_column, M, N, rows_per_gate, HAS_RESIDUAL, HAS_GATE
        )  # fmt: skip
    else:
        upper, lower = tl.split(tl.permute(tl.reshape(sums, (BLOCK_N, 2, HALF_M)), (0, 2, 1)))
        store_product(
            upper, x_scale, channel_scale, residual, gate, out, first_row, first_column, M, N, rows_per_gate, HAS_RESIDUAL, HAS_GATE
        )  # fmt: skip
        first_row += HALF_M
        store_product(
            lower, x_scale, channel_scale, residual, gate, out, first_row, first_column, M, N, rows_per_gate, HAS_RESIDUAL, HAS_GATE
        )  # fmt: skip


@triton.jit
def store_sums(
    sums, x_scale, channel_scale, residual, gate, out, tile_m, tile_n, M, N, rows_per_gate,
    HAS_RESIDUAL: tl.constexpr, HAS_GATE: tl.constexpr, SPLIT: tl.constexpr,
):  # fmt: skip
    """int32 [BLOCK_N, BLOCK_M] of one tile: the sums of a split as they are into out [splits, N, M], finished ones as the
    product's result into out [M, N]."""
    first_row, first_column = tile_m * sums.shape[1], tile_n * sums.shape[0]
    if SPLIT:
        column, row = first_column + tl.arange(0, sums.shape[0]), first_row + tl.arange(0, sums.shape[1])
        at = (tl.program_id(1).to(tl.int64) * N + column[:, None]) * M + row[None, :]
        tl.store(out + at, sums, mask=(column < N)[:, None] & (row < M)[None, :])
    else:
        store_large_product(
            sums, x_scale, channel_scale, residual, gate, out, first_row, first_column, M, N, rows_per_gate, HAS_RESIDUAL, HAS_GATE
        )  # fmt: skip


@triton.jit
def _finish_product_kernel(
    partial, x_scale, channel_scale, residual, gate, out, M, N, rows_per_gate,
    HAS_RESIDUAL: tl.constexpr, HAS_GATE: tl.constexpr, SPLITS: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr,
):  # fmt: skip
    """Integers add up to the same sum in any order: splits cost no reproducibility."""
    first_row, first_column = tl.program_id(1) * BLOCK_M, tl.program_id(0) * BLOCK_N
    row, column = first_row + tl.arange(0, BLOCK_M), first_column + tl.arange(0, BLOCK_N)
    inside = (column < N)[:, None] & (row < M)[None, :]
    sums = tl.zeros((BLOCK_N, BLOCK_M), dtype=tl.int32)
    for split in range(SPLITS):
        at = (split * N + column[:, None]).to(tl.int64) * M + row[None, :]
        sums += tl.load(partial + at, mask=inside, other=0)
    store_product(
        sums, x_scale, channel_scale, residual, gate, out, first_row, first_column, M, N, rows_per_gate, HAS_RESIDUAL, HAS_GATE
    )  # fmt: skip


@triton.jit
def _w8a8_gemm_kernel(
    x, x_scale, weight, channel_scale, residual, gate, out, M, N, K, rows_per_gate, k_per_split,
    HAS_RESIDUAL: tl.constexpr, HAS_GATE: tl.constexpr, SPLIT: tl.constexpr, EVEN_K: tl.constexpr, DESCRIPTORS: tl.constexpr,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr, SWIZZLE: tl.constexpr,
):  # fmt: skip
    tile_m, tile_n = tile_of_program(tl.program_id(0), tl.cdiv(M, BLOCK_M), tl.cdiv(N, BLOCK_N), SWIZZLE)
    row = tile_m * BLOCK_M + tl.arange(0, BLOCK_M)
    column = tile_n * BLOCK_N + tl.arange(0, BLOCK_N)
    # Rows beyond the end read others again instead of being masked: loads without a mask can be 16 bytes wide.
    x_rows = x if DESCRIPTORS else x + (row % M)[None, :].to(tl.int64) * K
    weight_rows = weight if DESCRIPTORS else weight + (column % N)[:, None].to(tl.int64) * K
    sums = tl.zeros((BLOCK_N, BLOCK_M), dtype=tl.int32)
    first = tl.program_id(1) * k_per_split
    for start in range(first, tl.minimum(first + k_per_split, K), BLOCK_K):
        k = start + tl.arange(0, BLOCK_K)
        if DESCRIPTORS:
            left = weight.load([tile_n * BLOCK_N, start])
            right = x.load([tile_m * BLOCK_M, start]).T
        elif EVEN_K:
            left = tl.load(weight_rows + k[None, :])
            right = tl.load(x_rows + k[:, None])
        else:
            left = tl.load(weight_rows + k[None, :], mask=(k < K)[None, :], other=0)
            right = tl.load(x_rows + k[:, None], mask=(k < K)[:, None], other=0)
        sums = tl.dot(left, right, sums, out_dtype=tl.int32)
    store_sums(
        sums, x_scale, channel_scale, residual, gate, out, tile_m, tile_n, M, N, rows_per_gate, HAS_RESIDUAL, HAS_GATE, SPLIT
    )  # fmt: skip


def finish_product(
    partial: Tensor, x_scale: Tensor, channel_scale: Tensor, residual: Tensor | None, gate: Tensor | None, out: Tensor
) -> Tensor:
    """partial int32 [splits, N, M] -> out [M, N]."""
    splits, n, m = partial.shape
    block_m = 16 if m <= 16 else 32
    _finish_product_kernel[(triton.cdiv(n, 64), triton.cdiv(m, block_m))](
        partial, x_scale, channel_scale, residual, gate, out, m, n, m // gate.shape[0] if gate is not None else m,
        HAS_RESIDUAL=residual is not None, HAS_GATE=gate is not None, SPLITS=splits, BLOCK_M=block_m, BLOCK_N=64,
    )  # fmt: skip
    return out


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
    partial = torch.empty(tile.splits, n, m, dtype=torch.int32, device=x.device) if tile.splits > 1 else None
    descriptors = tile.descriptors and all(part % _COPY_ALIGNMENT == 0 for part in (k, x.data_ptr(), weight.data_ptr()))
    left, right = (weight, x)
    if descriptors:
        left = TensorDescriptor.from_tensor(weight, [tile.block_n, tile.block_k])
        right = TensorDescriptor.from_tensor(x, [tile.block_m, tile.block_k])
    k_per_split = triton.cdiv(triton.cdiv(k, tile.splits), tile.block_k) * tile.block_k
    _w8a8_gemm_kernel[(triton.cdiv(n, tile.block_n) * triton.cdiv(m, tile.block_m), tile.splits)](
        right, x_scale, left, channel_scale, residual, gate, out if partial is None else partial,
        m, n, k, m // gate.shape[0] if gate is not None else m, k_per_split,
        HAS_RESIDUAL=residual is not None, HAS_GATE=gate is not None, SPLIT=partial is not None, EVEN_K=k % tile.block_k == 0,
        DESCRIPTORS=descriptors, BLOCK_M=tile.block_m, BLOCK_N=tile.block_n, BLOCK_K=tile.block_k, SWIZZLE=tile.swizzle,
        num_warps=tile.warps, num_stages=tile.stages,
    )  # fmt: skip
    return out if partial is None else finish_product(partial, x_scale, channel_scale, residual, gate, out)
