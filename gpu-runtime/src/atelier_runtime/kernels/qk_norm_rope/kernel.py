"""One program a token and head: three vectors are read once and written as five."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from atelier_runtime.kernels.qk_norm_rope.reference import NORM_EPSILON


@triton.jit
def _halves(source, pair, inside, HALF_WIDTH):
    first = tl.load(source + pair, mask=inside, other=0.0).to(tl.float32)
    second = tl.load(source + HALF_WIDTH + pair, mask=inside, other=0.0).to(tl.float32)
    return first, second


@triton.jit
def _store_halves(out, at, first, second, pair, inside, HALF_WIDTH):
    tl.store(out + at + pair, first.to(out.dtype.element_ty), mask=inside)
    tl.store(out + at + HALF_WIDTH + pair, second.to(out.dtype.element_ty), mask=inside)


@triton.jit
def _normed(first, second, gain, pair, inside, half_width, EPSILON):
    root = tl.rsqrt((tl.sum(first * first, axis=0) + tl.sum(second * second, axis=0)) / (2 * half_width) + EPSILON)
    gain_first, gain_second = _halves(gain, pair, inside, half_width)
    return first * root * gain_first, second * root * gain_second


@triton.jit
def _qk_norm_rope_kernel(
    qkv, q_gain, k_gain, cos, sin, q_turned, k_turned, v_turned, k_plain, v_plain,
    tokens, heads, half_width, angle_batches, EPSILON: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    token, head = tl.program_id(0).to(tl.int64), tl.program_id(1)
    batch, place = token // tokens, token % tokens
    pair = tl.arange(0, BLOCK)
    inside = pair < half_width
    width = 2 * half_width
    angle = ((batch % angle_batches) * tokens + place) * half_width + pair
    c, s = tl.load(cos + angle, mask=inside, other=1.0), tl.load(sin + angle, mask=inside, other=0.0)
    source = qkv + token * 3 * heads * width + head * width
    out = ((batch * heads + head) * tokens + place) * width

    first, second = _halves(source, pair, inside, half_width)
    first, second = _normed(first, second, q_gain, pair, inside, half_width, EPSILON)
    _store_halves(q_turned, out, first * c - second * s, second * c + first * s, pair, inside, half_width)

    first, second = _halves(source + heads * width, pair, inside, half_width)
    first, second = _normed(first, second, k_gain, pair, inside, half_width, EPSILON)
    _store_halves(k_plain, out, first, second, pair, inside, half_width)
    _store_halves(k_turned, out, first * c - second * s, second * c + first * s, pair, inside, half_width)

    first, second = _halves(source + 2 * heads * width, pair, inside, half_width)
    _store_halves(v_plain, out, first, second, pair, inside, half_width)
    _store_halves(v_turned, out, first * c - second * s, second * c + first * s, pair, inside, half_width)


def qk_norm_rope(qkv: Tensor, q_gain: Tensor, k_gain: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Shapes as in the reference; all inputs contiguous, angles in f32."""
    batch, tokens, _, heads, width = qkv.shape
    outs = [torch.empty(batch, heads, tokens, width, dtype=qkv.dtype, device=qkv.device) for _ in range(5)]
    _qk_norm_rope_kernel[(batch * tokens, heads)](
        qkv, q_gain, k_gain, cos, sin, *outs, tokens, heads, width // 2, cos.shape[0],
        EPSILON=NORM_EPSILON, BLOCK=triton.next_power_of_2(width // 2),
    )  # fmt: skip
    return tuple(outs)
