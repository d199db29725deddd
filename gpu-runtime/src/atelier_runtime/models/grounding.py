"""Where in the picture a word of a layout caption stands.

A layout caption carries each object's centre and side as tokens, in the same sentence as its name:
``red apple <x20><y40><s24>.`` Every token of that sentence is given the object's place, so that
attention between words and picture tokens works on relative offsets, and words of one object share
a position (which binds a colour to its object).

In a storyboard the words behind ``<out2>`` belong to the second picture and stand at its image index.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from atelier_runtime.models.layers import FRAME_BINS


@dataclass(frozen=True)
class LayoutTokens:
    """Token ids of the layout words: 64 consecutive ids each, of the words that begin a picture, and of the sentence end."""

    x0: int
    y0: int
    s0: int
    sentence_end: int
    pad: int
    out1: int
    outputs: int = 4


def ground_words(token_ids: Tensor, layout: LayoutTokens) -> tuple[Tensor, Tensor]:
    """token_ids int64 [B, n] -> places f32 [B, n, 3] as (row, column, side) in bins, grounded f32 [B, n].

    Words of sentences without layout tokens stand in the middle of the frame with side 0. A sentence may leave the side
    open (a thing that moves keeps its size).
    """
    ends = (token_ids == layout.sentence_end).to(torch.float32)
    sentence = ends.cumsum(-1) - ends
    together = (sentence.unsqueeze(-1) == sentence.unsqueeze(-2)).to(torch.float32)

    def in_sentence(first_id: int) -> tuple[Tensor, Tensor]:
        value = (token_ids - first_id).to(torch.float32)
        inside = ((value >= 0) & (value < FRAME_BINS)).to(torch.float32)
        # An even number of bins steps is all a 6-bit token can say; the value is the bin itself.
        total = together @ torch.stack([value * inside, inside], dim=-1)
        count = total[..., 1]
        return total[..., 0] / count.clamp(min=1.0), count.clamp(max=1.0)

    column, has_column = in_sentence(layout.x0)
    row, has_row = in_sentence(layout.y0)
    side, _ = in_sentence(layout.s0)
    grounded = has_column * has_row
    middle = FRAME_BINS / 2
    places = torch.stack(
        [
            torch.where(grounded > 0, row, torch.full_like(row, middle)),
            torch.where(grounded > 0, column, torch.full_like(column, middle)),
            side * grounded,
        ],
        dim=-1,
    )
    return places, grounded


def picture_of_words(token_ids: Tensor, layout: LayoutTokens) -> Tensor:
    """token_ids int64 [B, n] -> f32 [B, n]: the output picture each word belongs to, 0 where the words are for all of them."""
    begins = (token_ids >= layout.out1) & (token_ids < layout.out1 + layout.outputs)
    return begins.to(torch.float32).cumsum(-1)
