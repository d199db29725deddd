"""Backgrounds: a place at a time of day in one of a few fixed variants, drawn procedurally."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas, Colour, blend, rgb, tint
from .rng import Rng, mix
from .vocabulary import PLACES, TIMES


@dataclass(frozen=True)
class Light:
    """One time of day: sky from zenith to horizon, the factor on everything lit by it, the colour of far air."""

    sky: tuple[Colour, Colour, Colour]
    ground: Colour
    haze: Colour
    cloud: Colour
    cloud_shade: Colour


LIGHTS = {
    "day": Light((rgb("#3d9be6"), rgb("#86cbf6"), rgb("#def4ff")), (1.0, 1.0, 1.0), rgb("#d4eefc"), rgb("#ffffff"), rgb("#cfe4f5")),
    "sunset": Light((rgb("#5a4a9c"), rgb("#ee6f72"), rgb("#ffd27a")), (1.0, 0.80, 0.70), rgb("#ffb072"), rgb("#ffc9a3"), rgb("#c8688a")),
    "night": Light((rgb("#0b1233"), rgb("#1c2b66"), rgb("#44559c")), (0.42, 0.47, 0.72), rgb("#33447f"), rgb("#5a68a6"), rgb("#37447f")),
    "dawn": Light((rgb("#86a9e0"), rgb("#e9b6d2"), rgb("#ffe4c9")), (0.95, 0.88, 0.96), rgb("#fad6d6"), rgb("#fff0ee"), rgb("#d9b4d3")),
}


def curve(canvas: Canvas, rng: Rng, base: float, amplitude: float, waves: tuple[float, ...] = (1.0, 2.3, 4.1)) -> np.ndarray:
    """A rolling line around y = base: a sum of sines of falling size, one height per pixel column."""
    x = canvas.x[0] / 64 * 2 * np.pi
    height = np.zeros_like(x)
    for i, wave in enumerate(waves):
        height += np.sin(x * wave * (0.8 + 0.4 * rng.unit()) + 6.28 * rng.unit()) / (1.6**i)
    return base + amplitude * height


def paint_sky(canvas: Canvas, rng: Rng, time: str, horizon: float, clouds: bool = True) -> float:
    """Sky down to the horizon with sun or moon, stars and clouds; returns the x of the light source in bins."""
    light = LIGHTS[time]
    canvas.gradient([(0, light.sky[0]), (horizon * 0.55, light.sky[1]), (horizon, light.sky[2])])
    source_x = 8 + 48 * rng.unit()
    if time == "night":
        _stars(canvas, rng, horizon)
        canvas.glow(source_x, 9, 15, rgb("#c9d6ff"), 0.45)
        canvas.fill(rgb("#f6f1d8"), canvas.shapes(ellipses=[(source_x, 9, 3.4, 3.4)], blur=0.08))
        canvas.fill(
            rgb("#dcd5b6"),
            canvas.shapes(ellipses=[(source_x - 1.0, 8.2, 0.8, 0.8), (source_x + 1.1, 9.8, 0.6, 0.6), (source_x + 0.6, 7.4, 0.4, 0.4)]),
            0.8,
        )
    else:
        y, radius = {"day": (8, 3.2), "sunset": (horizon - 5, 4.6), "dawn": (horizon - 9, 3.8)}[time]
        colour = {"day": rgb("#fff3b0"), "sunset": rgb("#fff0b8"), "dawn": rgb("#fff6dc")}[time]
        canvas.glow(source_x, y, 30, blend(colour, light.haze, 0.4), 0.55)
        canvas.glow(source_x, y, 11, colour, 0.7)
        canvas.fill(colour, canvas.shapes(ellipses=[(source_x, y, radius, radius)], blur=0.12))
    if clouds:
        for _ in range(2 + rng.below(3)):
            _cloud(canvas, rng, light, 64 * rng.unit(), 4 + (horizon * 0.6) * rng.unit(), 5 + 6 * rng.unit())
    return source_x


def _stars(canvas: Canvas, rng: Rng, horizon: float) -> None:
    for size, count in ((0.12, 60), (0.2, 22)):
        dots = [(64 * rng.unit(), horizon * rng.unit(), size, size) for _ in range(count)]
        canvas.fill(rgb("#ffffff"), canvas.shapes(ellipses=dots), 0.55 + size)


def _cloud(canvas: Canvas, rng: Rng, light: Light, x: float, y: float, width: float) -> None:
    """One silhouette from several puffs, filled once, so no seams show; its belly is shaded through the same mask."""
    puffs = [(x, y, width * 0.42, width * 0.24)]
    for i in range(5):
        at = (i - 2) / 2
        puffs.append(
            (
                x + at * width * 0.62,
                y + width * (0.05 - 0.13 * (1 - at * at)),
                width * (0.2 + 0.1 * rng.unit()),
                width * (0.13 + 0.07 * rng.unit()),
            )
        )
    floor = y + width * 0.16
    mask = canvas.shapes(ellipses=puffs, blur=0.25) * np.clip((floor - canvas.y) * 1.2 + 0.5, 0, 1)
    top = y - width * 0.3
    canvas.gradient([(top, light.cloud), (floor, light.cloud_shade)], mask, 0.86)


def haze(canvas: Canvas, horizon: float, colour: Colour, opacity: float, depth: float = 7.0) -> None:
    """Bright air that thins out above and below the horizon."""
    canvas.fill(colour, np.clip(1 - np.abs(canvas.y - horizon) / depth, 0, 1) ** 1.5 + 0 * canvas.x, opacity)


def lit(colour: Colour | str, time: str) -> Colour:
    return tint(rgb(colour) if isinstance(colour, str) else colour, LIGHTS[time].ground)


def draw_background(place: str, time: str, variant: int, size_px: int) -> np.ndarray:
    """[size_px, size_px, 3] uint8; fully determined by the arguments."""
    from . import places  # the painters use the helpers above

    rng = Rng(mix(0xA7E1, PLACES.index(place), TIMES.index(time), variant))
    canvas = Canvas(size_px * max(2, -(-768 // size_px)))
    places.PAINTERS[place](canvas, rng, time, variant)
    _vignette(canvas)
    return canvas.reduced(size_px)


def _vignette(canvas: Canvas) -> None:
    distance = ((canvas.x - 32) / 32) ** 2 + ((canvas.y - 30) / 34) ** 2
    canvas.pixels *= (1 - 0.05 * np.clip(distance - 0.6, 0, 1.4))[..., None].astype(np.float32)
