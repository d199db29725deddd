"""A 32-bit random generator that any language can repeat bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MASK = 0xFFFFFFFF


class Rng:
    """Mulberry32: integer arithmetic modulo 2**32 only, so its stream is equal on every machine."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def next_u32(self) -> int:
        self._state = (self._state + 0x6D2B79F5) & _MASK
        t = self._state
        t = ((t ^ (t >> 15)) * (t | 1)) & _MASK
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & _MASK)) & _MASK
        return (t ^ (t >> 14)) & _MASK

    def below(self, n: int) -> int:
        """Integer in [0, n). Multiply-shift: the bias is below n / 2**32."""
        return (self.next_u32() * n) >> 32

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def pick(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[tuple[T, int]]) -> T:
        """One of the items, each with an integer weight."""
        at = self.below(sum(weight for _, weight in items))
        for item, weight in items:
            at -= weight
            if at < 0:
                return item
        raise AssertionError("weights are positive")

    def shuffled(self, items: Sequence[T]) -> list[T]:
        out = list(items)
        for i in range(len(out) - 1, 0, -1):
            j = self.below(i + 1)
            out[i], out[j] = out[j], out[i]
        return out

    def unit(self) -> float:
        """Float in [0, 1) with 32 random bits: for drawing only, never for a spec."""
        return self.next_u32() / 4294967296.0


def mix(*values: int) -> int:
    """One 32-bit seed from several integers (FNV-1a over their four bytes)."""
    state = 0x811C9DC5
    for value in values:
        for shift in (0, 8, 16, 24):
            state = ((state ^ ((value >> shift) & 0xFF)) * 0x01000193) & _MASK
    return state
