"""What a knowledge picture says, in the words of an instruction and as questions."""

from __future__ import annotations

from dataclasses import dataclass

from ...rng import Rng
from ..pictures import Picture


@dataclass(frozen=True)
class Facts:
    """`questions`: (English, Chinese, answer, what must be read)."""

    picture: Picture
    domain: str
    difficulty: int
    layout: str
    en: str
    zh: str
    questions: tuple[tuple[str, str, bool, str], ...]


def number_words(value: int, rng: Rng) -> str:
    """Another number near a value."""
    return str(rng.pick([v for v in (value - 2, value - 1, value + 1, value + 2, value + 10) if v > 0]))
