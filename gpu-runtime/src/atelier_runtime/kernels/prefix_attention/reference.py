"""Attention of own tokens over [prefix; own], turned back to the queries' positions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Segments:
    """Which part of the sequence each token belongs to: own int32 [B or 1, n], prefix int32 [B or 1, p] or None.

    -1 is padding, 1..references the references, references + 1 the text, references + 2 the outputs.
    The block-causal mask follows: a reference sees itself alone, later segments see themselves and all before.
    """

    own: Tensor
    prefix: Tensor | None
    references: int

    def visible(self) -> Tensor:
        """bool [B or 1, n, p + n]: which key each query may look at."""
        keys = self.own if self.prefix is None else torch.cat([self.prefix, self.own], dim=1)
        query, key = self.own[:, :, None], keys[:, None, :]
        return (key >= 0) & ((key == query) | ((query > self.references) & (key <= query)))


def prefix_attention(
    q: Tensor,
    keys: Tensor,
    values: Tensor,
    prefix_keys: Tensor | None,
    prefix_values: Tensor | None,
    cos: Tensor,
    sin: Tensor,
    segments: Segments | None = None,
) -> Tensor:
    """q, keys, values [B, h, n, e]; prefix [B or 1, h, p, e] or None; cos, sin [B or 1, n, e / 2] -> [B, n, h e].

    Without segments every own token sees the prefix and all own tokens: references and text were computed before and
    never see the outputs, so the block-causal mask is a rectangle without holes. With segments the whole sequence may
    be in one call, and padding is not seen; a token that sees nothing gets zeros. The result is turned by minus the
    query's angles.
    """
    exact_q, all_keys, all_values = q.double(), keys.double(), values.double()
    if prefix_keys is not None:
        before_keys, before_values = (part.double().expand(q.shape[0], -1, -1, -1) for part in (prefix_keys, prefix_values))
        all_keys, all_values = torch.cat([before_keys, all_keys], 2), torch.cat([before_values, all_values], 2)
    score = exact_q @ all_keys.transpose(-1, -2) * q.shape[-1] ** -0.5
    if segments is not None:
        score = score.masked_fill(~segments.visible()[:, None], float("-inf"))
    seen = score.softmax(-1).nan_to_num(0.0) @ all_values
    first, second = seen.chunk(2, dim=-1)
    cos, sin = (angle.double().unsqueeze(1) for angle in (cos, sin))
    turned = torch.cat([first * cos + second * sin, second * cos - first * sin], dim=-1)
    return turned.transpose(1, 2).flatten(2).to(q.dtype)
