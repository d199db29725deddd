"""From a picture to strips of one line each: how strongly every pixel differs from the ground, cut to the ink."""

from __future__ import annotations

import numpy as np
from PIL import Image

STRIP_PX = 32
INK_PX = 24
"""Height of the ink in a strip; the rest is margin."""
_INK_FROM = 0.35
_ROW_FROM = 0.006
LONGEST_PX = 640


def ink_of(pixels: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 -> [H, W] in 0..1: distance from the ground's colour in the direction of the ink's. The ground is the
    median; the ink is what differs most from it, so that nails, grain and patterns, which differ less or otherwise, fade."""
    away = pixels.astype(np.float32) - np.median(pixels.reshape(-1, 3), 0).astype(np.float32)
    length = np.sqrt((away**2).sum(-1))
    strongest = away[length >= np.quantile(length, 0.98)].mean(0)
    direction = strongest / max(1e-6, float(np.sqrt((strongest**2).sum())))
    along = np.maximum(away @ direction, 0)
    return np.clip(along / max(1.0, float(np.quantile(along, 0.995))), 0, 1)


def ink_rows(ink: np.ndarray) -> tuple[int, int]:
    """First row with ink and the row after the last."""
    rows = np.nonzero((ink > _INK_FROM).mean(1) > _ROW_FROM)[0]
    return (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, ink.shape[0])


def strip(ink: np.ndarray, top: float, bottom: float) -> np.ndarray:
    """The rows top..bottom of the ink scaled to INK_PX, with margins above and below: [STRIP_PX, w] in 0..1, w a multiple of 4."""
    scale = INK_PX / max(1.0, bottom - top)
    columns = np.nonzero((ink[max(0, int(top)) : int(np.ceil(bottom))] > _INK_FROM).any(0))[0]
    left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, ink.shape[1])
    margin = (STRIP_PX - INK_PX) / 2 / scale
    width = min(LONGEST_PX, max(16, int(np.ceil((right - left + 2 * margin) * scale / 4)) * 4))
    box = (left - margin, top - margin, left - margin + width / scale, bottom + margin)
    return _resampled(ink, box, width)


def _resampled(ink: np.ndarray, box: tuple[float, float, float, float], width: int) -> np.ndarray:
    """Outside of `ink` there is ground."""
    pad = int(np.ceil(max(0.0, -box[0], -box[1], box[2] - ink.shape[1], box[3] - ink.shape[0]))) + 1
    image = Image.fromarray(np.pad(ink, pad).astype(np.float32))
    return np.asarray(image.resize((width, STRIP_PX), Image.Resampling.BILINEAR, tuple(v + pad for v in box)), np.float32)
