"""A small raster canvas for drawing backgrounds: everything in bins (the frame is 64 x 64), drawn large and reduced."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .spec import BINS

Colour = tuple[float, float, float]
Point = tuple[float, float]


def rgb(text: str) -> Colour:
    """`#rrggbb` -> three floats in 0..255."""
    return float(int(text[1:3], 16)), float(int(text[3:5], 16)), float(int(text[5:7], 16))


def blend(a: Colour, b: Colour, share: float) -> Colour:
    """`share` of b, the rest of a."""
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share


def tint(colour: Colour, factor: Colour) -> Colour:
    return colour[0] * factor[0], colour[1] * factor[1], colour[2] * factor[2]


class Canvas:
    """RGB float32 pixels [px, px, 3] in 0..255. Masks are [px, px] float32 in 0..1."""

    def __init__(self, px: int) -> None:
        self.px = px
        self.unit = px / BINS
        self.pixels = np.zeros((px, px, 3), np.float32)
        centres = (np.arange(px, dtype=np.float32) + 0.5) / self.unit
        self.x, self.y = centres[None, :], centres[:, None]

    def gradient(self, stops: Sequence[tuple[float, Colour]], mask: np.ndarray | None = None, opacity: float = 1.0) -> None:
        """Vertical gradient through (y in bins, colour) stops, smooth between them."""
        ys = np.array([y for y, _ in stops], np.float32)
        column = np.stack([np.interp(self.y[:, 0], ys, [c[i] for _, c in stops]) for i in range(3)], -1).astype(np.float32)
        self._over(column[:, None, :], mask, opacity)

    def fill(self, colour: Colour, mask: np.ndarray, opacity: float = 1.0) -> None:
        self._over(np.array(colour, np.float32), mask, opacity)

    def _over(self, colour: np.ndarray, mask: np.ndarray | None, opacity: float) -> None:
        if mask is None:
            self.pixels += (colour - self.pixels) * np.float32(opacity)
            return
        rows = np.nonzero(mask.any(1))[0]
        if rows.size == 0:
            return
        band = slice(rows[0], rows[-1] + 1)
        colour = colour[band] if colour.ndim == 3 and colour.shape[0] == self.px else colour
        self.pixels[band] += (colour - self.pixels[band]) * (mask[band, :, None] * np.float32(opacity))

    def glow(self, x: float, y: float, radius: float, colour: Colour, opacity: float, power: float = 2.0) -> None:
        """Soft round light that fades out at `radius`."""
        distance = np.sqrt((self.x - x) ** 2 + (self.y - y) ** 2) / radius
        self.fill(colour, np.clip(1 - distance, 0, 1) ** power, opacity)

    def shapes(
        self, polygons: Sequence[Sequence[Point]] = (), ellipses: Sequence[tuple[float, float, float, float]] = (), blur: float = 0.0
    ) -> np.ndarray:
        """Union mask of polygons and ellipses (centre x, centre y, radius x, radius y), blurred by `blur` bins."""
        image = Image.new("L", (self.px, self.px), 0)
        draw = ImageDraw.Draw(image)
        u = self.unit
        for points in polygons:
            draw.polygon([(x * u, y * u) for x, y in points], fill=255)
        for cx, cy, rx, ry in ellipses:
            draw.ellipse(((cx - rx) * u, (cy - ry) * u, (cx + rx) * u, (cy + ry) * u), fill=255)
        if blur > 0:
            image = image.filter(ImageFilter.GaussianBlur(blur * u))
        return np.asarray(image, np.float32) / 255

    def lines(self, lines: Sequence[Sequence[Point]], width: float) -> np.ndarray:
        image = Image.new("L", (self.px, self.px), 0)
        draw = ImageDraw.Draw(image)
        u = self.unit
        for points in lines:
            draw.line([(x * u, y * u) for x, y in points], fill=255, width=max(1, round(width * u)), joint="curve")
        return np.asarray(image, np.float32) / 255

    def below(self, heights: np.ndarray) -> np.ndarray:
        """Mask of everything under the curve y = heights[x], one height (bins) per pixel column; one pixel soft."""
        return np.clip((self.y - heights[None, :].astype(np.float32)) * self.unit + 0.5, 0, 1)

    def reduced(self, size_px: int) -> np.ndarray:
        """[size_px, size_px, 3] uint8, area averaged."""
        image = Image.fromarray(np.clip(self.pixels + 0.5, 0, 255).astype(np.uint8))
        return np.asarray(image.resize((size_px, size_px), Image.Resampling.BOX if self.px % size_px == 0 else Image.Resampling.LANCZOS))
