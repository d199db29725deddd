"""Fonts of the world and drawing of text with them."""

from __future__ import annotations

import functools
import json

from PIL import ImageDraw, ImageFont

from ..vocabulary import DEFAULT_ATLAS

FONT_FOLDER = DEFAULT_ATLAS.parent / "fonts"


class UnknownFontError(KeyError):
    """No such font in the assets."""


@functools.lru_cache(maxsize=1)
def fonts() -> dict[str, dict]:
    """Font word -> family, weight, script (`latin`, `math`, `chinese`), use (`train` or `test`)."""
    return json.loads((FONT_FOLDER / "fonts.json").read_text(encoding="utf-8"))


def font_words(script: str, use: str) -> tuple[str, ...]:
    return tuple(word for word, f in fonts().items() if f["script"] == script and f["use"] == use)


@functools.lru_cache(maxsize=256)
def font(word: str, px: int) -> ImageFont.FreeTypeFont:
    """Errors: UnknownFontError."""
    if word not in fonts():
        raise UnknownFontError(word)
    # The basic layout engine: shaping libraries differ between machines, pixels must not.
    return ImageFont.truetype(str(FONT_FOLDER / f"{word}.ttf"), px, layout_engine=ImageFont.Layout.BASIC)


def fitted(word: str, lines: list[str], width: float, height: float, line_height: float = 1.2) -> ImageFont.FreeTypeFont:
    """The largest size at which the lines fit into width x height pixels."""
    low, high = 4, max(5, int(height))
    while low < high:
        px = (low + high + 1) // 2
        f = font(word, px)
        fits = max(f.getlength(line) for line in lines) <= width and px * line_height * len(lines) <= height
        low, high = (px, high) if fits else (low, px - 1)
    return font(word, low)


def draw_lines(
    draw: ImageDraw.ImageDraw, centre: tuple[float, float], lines: list[str], f: ImageFont.FreeTypeFont, fill: str | tuple,
    line_height: float = 1.2, stroke: int = 0, stroke_fill: str | tuple | None = None,
) -> None:  # fmt: skip
    """Lines centred around a point."""
    step = f.size * line_height
    top = centre[1] - step * (len(lines) - 1) / 2
    for i, line in enumerate(lines):
        draw.text((centre[0], top + i * step), line, font=f, fill=fill, anchor="mm", stroke_width=stroke, stroke_fill=stroke_fill)
