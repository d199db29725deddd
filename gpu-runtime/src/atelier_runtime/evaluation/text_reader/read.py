"""Reading the writing in a given box of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from atelier_runtime.world.spec import BINS
from atelier_runtime.world.tasks.pictures import Box

from .characters import decoded, is_chinese
from .strips import ink_of, ink_rows, strip

_RIM_BINS = 1.4
"""Frames and outlines run along a box's edge; writing keeps 2 bins away from it."""
_CORNER_BINS = 2.6


@dataclass(frozen=True, slots=True)
class Reading:
    """Text as one line, words of two lines joined; `confidence` 0..1, 0 for nothing."""

    text: str
    confidence: float


class TextReader:
    """Reads one or two lines; which of the two is right is decided by how surely they read."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """`path`: the ONNX file that `text_reader.train` exports. Input `strip` f32 [1, 1, STRIP_PX, w], output log probabilities."""
        from atelier_runtime.export.parity import open_graph

        self._session = open_graph(path, threads)

    def read(self, picture: np.ndarray, box: Box) -> Reading:
        """picture [H, H, 3] uint8; box in bins."""
        ink = _inside(picture, box)
        top, bottom = ink_rows(ink)
        middle = (top + bottom) // 2
        halves = [ink_rows(ink[top:middle]), ink_rows(ink[middle:bottom])]
        one = self._line(ink, top, bottom)
        two = [self._line(ink, top + a, top + b) for a, b in halves[:1]] + [self._line(ink, middle + a, middle + b) for a, b in halves[1:]]
        joint = "" if is_chinese("".join(line.text for line in two)) else " "
        both = Reading(joint.join(line.text for line in two), min(line.confidence for line in two))
        return max((one, both), key=lambda r: r.confidence)

    def _line(self, ink: np.ndarray, top: int, bottom: int) -> Reading:
        if bottom - top < 6:
            return Reading("", 0.0)
        (log_probabilities,) = self._session.run(None, {"strip": strip(ink, top, bottom)[None, None]})
        best = log_probabilities[0].argmax(-1)
        sure = np.exp(log_probabilities[0].max(-1))[best != 0]
        return Reading(decoded([int(c) for c in best]).strip(), float(sure.mean()) if len(sure) else 0.0)


def _inside(picture: np.ndarray, box: Box) -> np.ndarray:
    """Ink of the box without its rim and its (round) corners."""
    unit = picture.shape[0] / BINS
    left, top, right, bottom = ((v + d * _RIM_BINS) * unit for v, d in zip(box, (1, 1, -1, -1), strict=True))
    ink = ink_of(picture[round(top) : round(bottom), round(left) : round(right)])
    corner = round((_CORNER_BINS - _RIM_BINS) * unit)
    for rows in (slice(0, corner), slice(-corner, None)):
        for columns in (slice(0, corner), slice(-corner, None)):
            ink[rows, columns] = 0
    return ink
