"""4-bit weights with two levels of scales, packed two to a byte."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MAX_Q4 = 7
MAX_GROUP_SCALE = 17  # 7 * 17 = 119 stays inside a signed byte


@dataclass(frozen=True)
class Int4Weights:
    """Weights [N, K]: value = channel_scale[n] * group_scale[n, k // group] * q4[n, k].

    packed int8 [N, groups * group / 2]; group_scale int8 [N, groups] in 1..17; channel_scale f32 [N]. K is padded with
    zeros to whole groups. Byte j of a group holds element j in its low and element j + group / 2 in its high half, so
    that widening gives two contiguous halves and no element has to be moved.
    """

    packed: Tensor
    group_scale: Tensor
    channel_scale: Tensor
    in_features: int

    @property
    def group(self) -> int:
        return 2 * self.packed.shape[1] // self.group_scale.shape[1]

    @property
    def bytes(self) -> int:
        return sum(part.numel() * part.element_size() for part in (self.packed, self.group_scale, self.channel_scale))


def quantise_int4(weight: Tensor, group: int = 64) -> Int4Weights:
    """f32 [N, K] -> nearest representable weights. First to 8 bit per row, then to 4 bit per group in integers:
    the product with activations stays an integer until the end (the two levels of QServe, Lin et al. 2024)."""
    if group % 32 or group <= 0:
        raise ValueError(f"group {group} is not a multiple of 32")
    n, k = weight.shape
    groups = -(-k // group)
    padded = torch.zeros(n, groups * group, dtype=torch.float64)
    padded[:, :k] = weight.double()
    largest = padded.abs().amax(1)
    channel_scale = torch.where(largest > 0, largest / (MAX_Q4 * MAX_GROUP_SCALE), torch.ones_like(largest)).float()
    as_byte = (padded / channel_scale.double()[:, None]).view(n, groups, group)
    group_scale = (as_byte.abs().amax(2) / MAX_Q4).ceil().clamp(1, MAX_GROUP_SCALE)
    q4 = (as_byte / group_scale[..., None]).round().clamp(-MAX_Q4, MAX_Q4).to(torch.int8)
    return Int4Weights(pack_int4(q4), group_scale.to(torch.int8), channel_scale, k)


def pack_int4(q4: Tensor) -> Tensor:
    """int8 [N, groups, group] in -8..7 -> int8 [N, groups * group / 2]."""
    low, high = q4.chunk(2, dim=2)
    return ((low & 15) | (high << 4)).to(torch.int8).flatten(1)


def unpack_int4(packed: Tensor, group: int) -> Tensor:
    """int8 [N, groups * group / 2] -> int8 [N, groups, group] in -8..7."""
    halves = packed.unflatten(1, (-1, group // 2))
    low = (halves << 4) >> 4  # arithmetic: the sign of the low half returns
    return torch.cat([low, halves >> 4], dim=2)


def expand_int4(weights: Int4Weights) -> Tensor:
    """The integers that the 8-bit product reads: int8 [N, K]."""
    widened = unpack_int4(weights.packed, weights.group) * weights.group_scale[..., None]
    return widened.flatten(1)[:, : weights.in_features].contiguous()


def dequantise_int4(weights: Int4Weights) -> Tensor:
    """f32 [N, K]"""
    return expand_int4(weights).float() * weights.channel_scale[:, None]
