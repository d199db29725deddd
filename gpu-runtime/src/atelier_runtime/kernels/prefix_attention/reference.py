"""Attention of own tokens over [prefix; own], turned back to the queries' positions."""

from __future__ import annotations

import torch
from torch import Tensor


def prefix_attention(
    q: Tensor, keys: Tensor, values: Tensor, prefix_keys: Tensor | None, prefix_values: Tensor | None, cos: Tensor, sin: Tensor
) -> Tensor:
    """q, keys, values [B, h, n, e]; prefix [B or 1, h, p, e] or None; cos, sin [B or 1, n, e / 2] -> [B, n, h e].

    No mask: the prefix was computed before and never sees the outputs, outputs see everything, so the block-causal
    mask is a rectangle without holes. The result is turned by minus the query's angles.
    """
    exact_q, all_keys, all_values = q.double(), keys.double(), values.double()
    if prefix_keys is not None:
        before_keys, before_values = (part.double().expand(q.shape[0], -1, -1, -1) for part in (prefix_keys, prefix_values))
        all_keys, all_values = torch.cat([before_keys, all_keys], 2), torch.cat([before_values, all_values], 2)
    seen = (exact_q @ all_keys.transpose(-1, -2) * q.shape[-1] ** -0.5).softmax(-1) @ all_values
    first, second = seen.chunk(2, dim=-1)
    cos, sin = (angle.double().unsqueeze(1) for angle in (cos, sin))
    turned = torch.cat([first * cos + second * sin, second * cos - first * sin], dim=-1)
    return turned.transpose(1, 2).flatten(2).to(q.dtype)
