"""A high-resolution sheet to draw knowledge pictures on: coordinates in a frame of 100 x 100, reduced at the end."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from ..lettering import font

FRAME = 100.0
PALETTES = (
    ("#ffffff", "#20243a", ("#4c78d8", "#f2994a", "#43a877", "#d65a70", "#8a63c9", "#3fb2c4")),
    ("#fbf7ef", "#3a2f26", ("#d97d54", "#5f8f6a", "#e3b04b", "#7c6fb0", "#4f9da6", "#b85c7a")),
    ("#101727", "#e8ecf6", ("#5aa9ff", "#ffb454", "#6fe3a5", "#ff7b93", "#b79cff", "#63d8e6")),
    ("#f3f7fb", "#1f3448", ("#2f7fb8", "#ef8354", "#57a773", "#a4508b", "#f0b429", "#5b6c8f")),
)
"""(ground, ink, colours)"""


class Sheet:
    """Draws at twice the asked size; text sizes are in frame units too."""

    def __init__(self, size_px: int, palette: int) -> None:
        self.size_px = size_px
        self.ground, self.ink, self.colours = PALETTES[palette % len(PALETTES)]
        scale = 2 if size_px >= 512 else 4
        self.image = Image.new("RGB", (size_px * scale, size_px * scale), self.ground)
        self.draw = ImageDraw.Draw(self.image)
        self.unit = self.image.width / FRAME

    def face(self, text: str) -> str:
        return "hei" if any(ord(c) >= 0x2E80 for c in text) else "plain"

    def width(self, text: str, size: float, face: str | None = None) -> float:
        return font(face or self.face(text), max(1, round(size * self.unit))).getlength(text) / self.unit

    def text(
        self, x: float, y: float, text: str, size: float, fill: str | None = None, anchor: str = "mm", face: str | None = None
    ) -> None:
        f = font(face or self.face(text), max(1, round(size * self.unit)))
        self.draw.text((x * self.unit, y * self.unit), text, font=f, fill=fill or self.ink, anchor=anchor)

    def fitted_text(self, x: float, y: float, text: str, size: float, width: float, fill: str | None = None, anchor: str = "mm") -> None:
        """The text at `size`, or smaller where it would be wider than `width`."""
        self.text(x, y, text, size * min(1.0, width / max(1e-6, self.width(text, size))), fill, anchor)

    def line(self, points: list[tuple[float, float]], width: float = 0.5, fill: str | None = None) -> None:
        px = max(1, round(width * self.unit))
        self.draw.line([(x * self.unit, y * self.unit) for x, y in points], fill=fill or self.ink, width=px, joint="curve")

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        fill: str | None = None,
        outline: str | None = None,
        radius: float = 0,
        width: float = 0.4,
    ) -> None:
        u = self.unit
        px = max(1, round(width * u)) if outline else 0
        self.draw.rounded_rectangle((left * u, top * u, right * u, bottom * u), radius * u, fill=fill, outline=outline, width=px)

    def circle(self, x: float, y: float, radius: float, fill: str | None = None, outline: str | None = None, width: float = 0.4) -> None:
        u = self.unit
        at = ((x - radius) * u, (y - radius) * u, (x + radius) * u, (y + radius) * u)
        self.draw.ellipse(at, fill=fill, outline=outline, width=max(1, round(width * u)) if outline else 0)

    def polygon(self, points: list[tuple[float, float]], fill: str) -> None:
        self.draw.polygon([(x * self.unit, y * self.unit) for x, y in points], fill=fill)

    def arrow(self, start: tuple[float, float], end: tuple[float, float], width: float = 0.6, fill: str | None = None) -> None:
        direction = np.array(end) - np.array(start)
        length = float(np.hypot(*direction)) or 1.0
        unit = direction / length
        side = np.array((-unit[1], unit[0]))
        neck = np.array(end) - unit * 2.6
        self.line([start, tuple(neck)], width, fill)
        self.polygon([end, tuple(neck + side * 1.4), tuple(neck - side * 1.4)], fill or self.ink)

    def mixed(self, colour: str, share: float) -> str:
        """`share` of the ground mixed into a colour."""
        a, b = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)], float) for c in (colour, self.ground))
        r, g, bl = (a + (b - a) * share).round().astype(int)
        return f"#{r:02x}{g:02x}{bl:02x}"

    def pixels(self) -> np.ndarray:
        """[size_px, size_px, 3] uint8"""
        return np.asarray(self.image.resize((self.size_px, self.size_px), Image.Resampling.BOX))
