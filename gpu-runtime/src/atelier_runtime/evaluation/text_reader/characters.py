"""What the reader can read: every character of the world's texts."""

from __future__ import annotations

import functools

from atelier_runtime.world.tasks.strings import CHINESE, ENGLISH


@functools.lru_cache(maxsize=1)
def characters() -> str:
    """Class k of the network is characters()[k - 1]; class 0 is the blank of CTC."""
    return "".join(sorted({c for text in (*ENGLISH, *CHINESE) for c in text}))


def classes_of(line: str) -> list[int]:
    return [characters().index(c) + 1 for c in line]


def decoded(classes: list[int]) -> str:
    """Repeated classes once, blanks left out."""
    kept = [c for c, before in zip(classes, [0, *classes], strict=False) if c != before and c != 0]
    return "".join(characters()[c - 1] for c in kept)


def is_chinese(text: str) -> bool:
    return any(ord(c) >= 0x2E80 for c in text)
