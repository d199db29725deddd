"""Widening 4-bit weights to bytes, once per layer, before a product with many rows."""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from atelier_runtime.kernels.int4_weights.reference import Int4Weights

_GROUPS_PER_PROGRAM = 8


@triton.jit
def _expand_int4_kernel(packed, group_scale, out, groups, in_features, GROUP: tl.constexpr, GROUPS: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    group = tl.program_id(1) * GROUPS + tl.arange(0, GROUPS)
    byte = tl.arange(0, GROUP // 2)
    inside = (group < groups)[:, None]
    at = row * groups * (GROUP // 2) + group[:, None] * (GROUP // 2) + byte[None, :]
    pair = tl.load(packed + at, mask=inside, other=0)
    scale = tl.load(group_scale + row * groups + group, mask=group < groups, other=0)[:, None]
    first = group[:, None] * GROUP + byte[None, :]
    second = first + GROUP // 2
    tl.store(out + row * in_features + first, ((pair << 4) >> 4) * scale, mask=inside & (first < in_features))
    tl.store(out + row * in_features + second, (pair >> 4) * scale, mask=inside & (second < in_features))


def expand_int4(weights: Int4Weights) -> Tensor:
    """Same result as the reference: int8 [N, K]."""
    n, groups = weights.group_scale.shape
    out = torch.empty(n, weights.in_features, dtype=torch.int8, device=weights.packed.device)
    grid = (n, triton.cdiv(groups, _GROUPS_PER_PROGRAM))
    _expand_int4_kernel[grid](
        weights.packed, weights.group_scale, out, groups, weights.in_features, GROUP=weights.group, GROUPS=_GROUPS_PER_PROGRAM
    )
    return out
