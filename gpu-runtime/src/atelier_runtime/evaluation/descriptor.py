"""Shape descriptor of picture windows: saturating gradients by orientation, pooled in cells.

After histograms of oriented gradients (Dalal and Triggs 2005), with two changes: unsigned orientation, because an object
may be lighter or darker than what is behind it, and a saturating magnitude, because a thin outline counts like a strong
one while a soft colour blob must not count at all.
"""

from __future__ import annotations

import numpy as np

WINDOW_PX = 64
CELL_PX = 4
CELLS = WINDOW_PX // CELL_PX
ORIENTATIONS = 6
MARGIN = 0.12
"""A window shows the object's square and this share of its side around it, so that outlines lie inside."""
_HALF_SATURATION = 28.0
"""Grey levels a pixel. Energy, not magnitude, is pooled: a blurred edge has the sum of a sharp one, but not its energy."""


def gradient_magnitude(rgb: np.ndarray) -> np.ndarray:
    """[h, w, 3] 0..255 -> [h, w] float32: the largest channel's central difference."""
    gx, gy = _differences(rgb.astype(np.float32))
    return np.sqrt(gx * gx + gy * gy).max(-1)


def _differences(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    gx, gy = np.zeros_like(pixels), np.zeros_like(pixels)
    gx[:, 1:-1] = (pixels[:, 2:] - pixels[:, :-2]) / 2
    gy[1:-1] = (pixels[2:] - pixels[:-2]) / 2
    return gx, gy


def cell_grid(rgb: np.ndarray) -> np.ndarray:
    """[h, w, 3] with h, w multiples of CELL_PX -> [h / CELL_PX, w / CELL_PX, ORIENTATIONS] float32."""
    gx, gy = _differences(rgb.astype(np.float32))
    power = gx * gx + gy * gy
    strongest = power.argmax(-1)[..., None]
    gx, gy = np.take_along_axis(gx, strongest, -1)[..., 0], np.take_along_axis(gy, strongest, -1)[..., 0]
    energy = gx * gx + gy * gy
    magnitude = energy / (energy + _HALF_SATURATION**2)
    angle = np.mod(np.arctan2(gy, gx), np.pi) * (ORIENTATIONS / np.pi)
    low = np.floor(angle).astype(np.int64) % ORIENTATIONS
    share = (angle - np.floor(angle)).astype(np.float32)
    h, w = magnitude.shape
    planes = np.zeros((h, w, ORIENTATIONS), np.float32)
    rows, columns = np.indices((h, w), sparse=True)
    planes[rows, columns, low] += magnitude * (1 - share)
    planes[rows, columns, (low + 1) % ORIENTATIONS] += magnitude * share
    pooled = planes.reshape(h // CELL_PX, CELL_PX, w // CELL_PX, CELL_PX, ORIENTATIONS).mean((1, 3))
    return _soften(_soften(pooled, 0), 1)


def _soften(grid: np.ndarray, axis: int) -> np.ndarray:
    """[1 2 1] / 4 along an axis: tolerates shifts of about half a cell."""
    grid = np.moveaxis(grid, axis, 0)
    out = grid * 0.5
    out[1:] += 0.25 * grid[:-1]
    out[:-1] += 0.25 * grid[1:]
    return np.moveaxis(out, 0, axis)


class TemplateBank:
    """Weighted normalised correlation of windows with a set of templates.

    descriptors: [n, CELLS, CELLS, ORIENTATIONS]; weights: [n, CELLS, CELLS], where a template has something to say.
    """

    def __init__(self, descriptors: np.ndarray, weights: np.ndarray) -> None:
        n = descriptors.shape[0]
        w = np.repeat(weights.reshape(n, -1, 1), ORIENTATIONS, 2).reshape(n, -1).astype(np.float32)
        w /= w.sum(1, keepdims=True)
        t = descriptors.reshape(n, -1).astype(np.float32)
        centred = t - (w * t).sum(1, keepdims=True)
        variance = (w * centred * centred).sum(1, keepdims=True)
        self._w = w
        self._wt = w * centred / np.sqrt(variance + 1e-9)
        self._deviation = np.sqrt(variance[:, 0] + 1e-9)

    def scores(self, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """windows: [m, CELLS, CELLS, ORIENTATIONS] -> correlation [m, n] in -1..1, and contrast [m, n]: how strong the
        template's pattern is in the window, 1 = as strong as in the template itself."""
        p = windows.reshape(windows.shape[0], -1).astype(np.float32)
        product = p @ self._wt.T
        mean = p @ self._w.T
        variance = np.maximum((p * p) @ self._w.T - mean * mean, 1e-7)
        return product / np.sqrt(variance), product / self._deviation[None, :]
