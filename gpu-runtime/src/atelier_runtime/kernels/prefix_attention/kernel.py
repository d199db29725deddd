"""Online softmax over two key sequences one after the other: the cached prefix is read where it lies, nothing is joined."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from atelier_runtime.kernels.dispatch import AttentionTile, choose_attention_tile, interpreted
from atelier_runtime.kernels.prefix_attention.reference import Segments

_LOG2_E = 1.4426950408889634


@triton.jit
def _attend_over(
    keys, values, key_segments, count, q, query_segment, references, largest, total, first, second, scale, pair, in_pair,
    HALF: tl.constexpr, WIDTH: tl.constexpr, BLOCK_N: tl.constexpr, IN_F32: tl.constexpr, MASKED: tl.constexpr,
):  # fmt: skip
    """One key sequence [count, WIDTH]; the sums of the two halves of the values are kept apart for the rotation."""
    for start in range(0, count, BLOCK_N):
        place = start + tl.arange(0, BLOCK_N)
        inside = place < count
        visible = inside[None, :]
        seen_by_some = 1
        if MASKED:
            segment = tl.load(key_segments + place, mask=inside, other=-1)[None, :]
            joins = (query_segment[:, None] > references) & (segment <= query_segment[:, None])
            visible = visible & (segment >= 0) & ((segment == query_segment[:, None]) | joins)
            seen_by_some = tl.max(tl.max(visible.to(tl.int32), axis=1), axis=0)
        if seen_by_some > 0:  # whole blocks of other references cost nothing
            at = place.to(tl.int64) * WIDTH
            mask = inside[:, None] & in_pair[None, :]
            first_keys = tl.load(keys + at[:, None] + pair[None, :], mask=mask, other=0.0)
            second_keys = tl.load(keys + at[:, None] + HALF + pair[None, :], mask=mask, other=0.0)
            if IN_F32:
                first_keys, second_keys = first_keys.to(tl.float32), second_keys.to(tl.float32)
            score = tl.dot(q[0], tl.trans(first_keys)) + tl.dot(q[1], tl.trans(second_keys))
            score = tl.where(visible, score * scale, float("-inf"))  # in powers of two
            new_largest = tl.maximum(largest, tl.max(score, axis=1))
            reached = tl.where(new_largest == float("-inf"), 0.0, new_largest)  # a row that has seen nothing yet
            weight = tl.exp2(score - reached[:, None])
            shrink = tl.exp2(largest - reached)
            total = total * shrink + tl.sum(weight, axis=1)
            first_values = tl.load(values + at[:, None] + pair[None, :], mask=mask, other=0.0)
            second_values = tl.load(values + at[:, None] + HALF + pair[None, :], mask=mask, other=0.0)
            if IN_F32:
                first_values, second_values = first_values.to(tl.float32), second_values.to(tl.float32)
            low = weight.to(first_values.dtype)
            first = first * shrink[:, None] + tl.dot(low, first_values)
            second = second * shrink[:, None] + tl.dot(low, second_values)
            largest = new_largest
    return largest, total, first, second


@triton.jit
def _prefix_attention_kernel(
    q, keys, values, prefix_keys, prefix_values, cos, sin, own_segments, prefix_segments, out,
    tokens, prefix_tokens, heads, prefix_batches, angle_batches, segment_batches, references, scale,
    HALF: tl.constexpr, HALF_BLOCK: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, IN_F32: tl.constexpr,
    MASKED: tl.constexpr,
):  # fmt: skip
    WIDTH: tl.constexpr = 2 * HALF
    place = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    batch, head = (tl.program_id(1) // heads).to(tl.int64), tl.program_id(1) % heads
    pair = tl.arange(0, HALF_BLOCK)
    in_pair = pair < HALF
    mask = (place < tokens)[:, None] & in_pair[None, :]
    own = (batch * heads + head) * tokens * WIDTH
    at = own + place[:, None].to(tl.int64) * WIDTH + pair[None, :]
    halves = (tl.load(q + at, mask=mask, other=0.0), tl.load(q + at + HALF, mask=mask, other=0.0))
    if IN_F32:
        halves = (halves[0].to(tl.float32), halves[1].to(tl.float32))
    query_segment = place
    if MASKED:
        own_segments += (batch % segment_batches) * tokens
        prefix_segments += (batch % segment_batches) * prefix_tokens
        query_segment = tl.load(own_segments + place, mask=place < tokens, other=-1)

    largest = tl.full((BLOCK_M,), float("-inf"), dtype=tl.float32)
    total = tl.zeros((BLOCK_M,), dtype=tl.float32)
    first = tl.zeros((BLOCK_M, HALF_BLOCK), dtype=tl.float32)
    second = tl.zeros((BLOCK_M, HALF_BLOCK), dtype=tl.float32)
    before = ((batch % prefix_batches) * heads + head) * prefix_tokens * WIDTH
    largest, total, first, second = _attend_over(
        prefix_keys + before, prefix_values + before, prefix_segments, prefix_tokens, halves, query_segment, references,
        largest, total, first, second, scale, pair, in_pair, HALF, WIDTH, BLOCK_N, IN_F32, MASKED,
    )  # fmt: skip
    largest, total, first, second = _attend_over(
        keys + own, values + own, own_segments, tokens, halves, query_segment, references,
        largest, total, first, second, scale, pair, in_pair, HALF, WIDTH, BLOCK_N, IN_F32, MASKED,
    )  # fmt: skip

    total = tl.where(total > 0, total, 1.0)[:, None]  # a padding token sees nothing and gets zeros
    first, second = first / total, second / total
    angle = ((batch % angle_batches) * tokens + place)[:, None] * HALF + pair[None, :]
    c, s = tl.load(cos + angle, mask=mask, other=1.0), tl.load(sin + angle, mask=mask, other=0.0)
    result = ((batch * tokens + place[:, None]) * heads + head) * WIDTH + pair[None, :]
    tl.store(out + result, (first * c + second * s).to(out.dtype.element_ty), mask=mask)
    tl.store(out + result + HALF, (second * c - first * s).to(out.dtype.element_ty), mask=mask)


def prefix_attention(
    q: Tensor,
    keys: Tensor,
    values: Tensor,
    prefix_keys: Tensor | None,
    prefix_values: Tensor | None,
    cos: Tensor,
    sin: Tensor,
    segments: Segments | None = None,
    tile: AttentionTile | None = None,
) -> Tensor:
    """Shapes as in the reference; all inputs contiguous, angles in f32."""
    batch, heads, tokens, width = q.shape
    out = torch.empty(batch, tokens, heads * width, dtype=q.dtype, device=q.device)
    before = (keys, values) if prefix_keys is None else (prefix_keys, prefix_values)
    count = 0 if prefix_keys is None else prefix_keys.shape[2]
    tile = tile or choose_attention_tile(tokens, count, width, q.device)
    own_segments, prefix_segments = (None, None) if segments is None else (segments.own, segments.prefix)
    _prefix_attention_kernel[(triton.cdiv(tokens, tile.block_m), batch * heads)](
        q, keys, values, *before, cos, sin, own_segments, own_segments if prefix_segments is None else prefix_segments, out,
        tokens, count, heads, before[0].shape[0], cos.shape[0], 1 if segments is None else segments.own.shape[0],
        0 if segments is None else segments.references, width**-0.5 * _LOG2_E,
        HALF=width // 2, HALF_BLOCK=max(16, triton.next_power_of_2(width // 2)), BLOCK_M=tile.block_m, BLOCK_N=tile.block_n,
        IN_F32=q.dtype == torch.bfloat16 and interpreted(), MASKED=segments is not None,
        num_warps=tile.warps, num_stages=tile.stages,
    )  # fmt: skip
    return out
