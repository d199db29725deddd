"""Painters of the six places. Each draws back to front: sky, far land, ground, details."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .backgrounds import LIGHTS, curve, haze, lit, paint_sky
from .canvas import Canvas, blend, rgb
from .city import paint_city
from .interior import paint_table
from .rng import Rng


def _hill_layers(canvas: Canvas, rng: Rng, time: str, layers: list[tuple[float, float, str, float]]) -> None:
    """Layers of (base line, amplitude, colour, share of haze), far to near; each lightens towards its foot."""
    light = LIGHTS[time]
    for base, amplitude, colour, share in layers:
        top = blend(lit(colour, time), light.haze, share)
        foot = blend(top, light.haze, 0.25)
        canvas.gradient([(base - 2 * amplitude, top), (base + 6, foot)], canvas.below(curve(canvas, rng, base, amplitude)))


def _meadow(canvas: Canvas, rng: Rng, time: str, variant: int) -> None:
    horizon = 36 + rng.below(3)
    paint_sky(canvas, rng, time, horizon)
    _hill_layers(canvas, rng, time, [(horizon - 4, 2.6, "#7fa8c9", 0.45), (horizon - 1.5, 1.8, "#74b56b", 0.3)])
    _woods(canvas, rng, time, horizon)
    near = canvas.below(curve(canvas, rng, horizon + 1.5, 0.8, (0.8, 1.7)))
    greens = [("#8fd162", "#3f9a48"), ("#a0d468", "#4a9e3f"), ("#7ecb6a", "#2f8f52"), ("#b2d663", "#569e3a")][variant % 4]
    canvas.gradient([(horizon, lit(greens[0], time)), (64, lit(greens[1], time))], near)
    haze(canvas, horizon + 1, LIGHTS[time].haze, 0.22, 5)
    if variant % 4 == 1:
        _path(canvas, time, horizon + 2, 20 + 24 * rng.unit())
    if variant % 4 == 2:
        _pond(canvas, time, 12 + 40 * rng.unit(), horizon + 6)
    _grass(canvas, rng, time, horizon + 3)


def _woods(canvas: Canvas, rng: Rng, time: str, horizon: float) -> None:
    crowns = []
    for _ in range(3):
        centre = 64 * rng.unit()
        crowns += [
            (centre + 5 * (rng.unit() - 0.5), horizon - 0.6 - 1.1 * rng.unit(), 1.0 + rng.unit(), 1.1 + 0.8 * rng.unit()) for _ in range(7)
        ]
    canvas.fill(blend(lit("#4f9455", time), LIGHTS[time].haze, 0.22), canvas.shapes(ellipses=crowns))


def _path(canvas: Canvas, time: str, top: float, x: float) -> None:
    points = [
        (x - 0.7, top),
        (x + 0.7, top),
        (x + 5, top + 9),
        (x - 2, top + 16),
        (x + 9, 66),
        (x - 13, 66),
        (x - 9, top + 15),
        (x - 1.5, top + 8),
    ]
    canvas.gradient([(top, lit("#e8d6a3", time)), (64, lit("#cfae74", time))], canvas.shapes([points], blur=0.7), 0.85)


def _pond(canvas: Canvas, time: str, x: float, y: float) -> None:
    canvas.fill(lit("#3f8a49", time), canvas.shapes(ellipses=[(x, y + 0.3, 11.5, 2.9)], blur=0.2), 0.7)
    water = canvas.shapes(ellipses=[(x, y, 11, 2.5)], blur=0.12)
    canvas.gradient(
        [(y - 2.5, blend(LIGHTS[time].sky[2], rgb("#58a9d8"), 0.35)), (y + 2.5, blend(LIGHTS[time].sky[1], rgb("#3a86bd"), 0.4))], water
    )


def _grass(canvas: Canvas, rng: Rng, time: str, top: float) -> None:
    """Tufts and flowers, larger towards the viewer."""
    dark, bright = lit("#2f8a3d", time), lit("#c4ea7d", time)
    for colour, count, opacity in ((dark, 70, 0.5), (bright, 45, 0.45)):
        blades = []
        for _ in range(count):
            x, y = 64 * rng.unit(), top + (63 - top) * rng.unit()
            h = 0.5 + 1.3 * (y - top) / (64 - top)
            blades += [
                [(x - 0.12 * h, y), (x - 0.5 * h, y - h), (x + 0.12 * h, y)],
                [(x, y), (x + 0.45 * h, y - 1.15 * h), (x + 0.22 * h, y)],
            ]
        canvas.fill(colour, canvas.shapes(blades), opacity)
    for petal in ("#ffffff", "#ffd84f", "#ff94b8", "#b79cff"):
        spots = []
        for _ in range(5):
            x, y = 64 * rng.unit(), top + 1 + (62 - top) * rng.unit()
            r = 0.22 + 0.4 * (y - top) / (64 - top)
            spots += [(x + r * 0.9 * np.cos(a), y + r * 0.9 * np.sin(a), r * 0.62, r * 0.62) for a in np.arange(5) * 1.2566]
        canvas.fill(lit(petal, time), canvas.shapes(ellipses=spots), 0.95)


def _beach(canvas: Canvas, rng: Rng, time: str, variant: int) -> None:
    horizon = 33 + rng.below(2)
    light = LIGHTS[time]
    sun_x = paint_sky(canvas, rng, time, horizon)
    if variant % 4 in (1, 3):
        x = 10 + 44 * rng.unit()
        canvas.fill(
            blend(lit("#5f9a76", time), light.haze, 0.4),
            canvas.shapes(ellipses=[(x, horizon + 0.4, 10, 2.6), (x + 5, horizon + 0.4, 6, 3.8)]),
        )
    sea = np.clip((canvas.y - horizon) * canvas.unit + 0.5, 0, 1) + 0 * canvas.x
    far, near = [("#2f93cf", "#5fd0d8"), ("#2a7fc4", "#57c3d6"), ("#35a0c9", "#7ddcd3"), ("#3183d2", "#66cbe4")][variant % 4]
    canvas.gradient([(horizon, blend(lit(far, time), light.sky[2], 0.18)), (48, lit(near, time))], sea)
    _glitter(canvas, rng, time, sun_x, horizon)
    shore = curve(canvas, rng, 46.5, 0.7, (0.9, 1.9))
    for offset, opacity in ((-1.3, 0.35), (-0.35, 0.85)):
        canvas.fill(blend(rgb("#ffffff"), lit("#ffffff", time), 0.6), canvas.below(shore + offset), opacity)
    canvas.fill(lit("#c99f63", time), canvas.below(shore + 0.35))
    canvas.gradient([(47, lit("#e9cd92", time)), (50, lit("#f8e3b0", time)), (64, lit("#e6bd7c", time))], canvas.below(shore + 1.5))
    _speckles(canvas, rng, 50, lit("#b98a4e", time), 90, 0.45)
    if variant % 4 in (0, 2):
        _shells(canvas, rng, time)


def _glitter(canvas: Canvas, rng: Rng, time: str, sun_x: float, horizon: float) -> None:
    light = LIGHTS[time]
    waves, shine = [], []
    for _ in range(46):
        y = horizon + 0.8 + 11 * rng.unit() ** 1.3
        x, w = 64 * rng.unit(), 0.8 + 2.2 * (y - horizon) / 12
        waves.append((x, y, w, 0.09 + 0.05 * (y - horizon) / 12))
        reach = 1.5 + 5 * (y - horizon) / 12
        shine.append((sun_x + reach * (rng.unit() - 0.5) * 2, y, w * 0.8, 0.12))
    canvas.fill(blend(rgb("#ffffff"), light.sky[2], 0.3), canvas.shapes(ellipses=waves), 0.4 if time != "night" else 0.2)
    canvas.fill(blend(rgb("#fffbe0"), light.sky[2], 0.25), canvas.shapes(ellipses=shine), 0.75)


def _speckles(canvas: Canvas, rng: Rng, top: float, colour: tuple[float, float, float], count: int, opacity: float) -> None:
    dots = []
    for _ in range(count):
        y = top + (64 - top) * rng.unit()
        dots.append((64 * rng.unit(), y, 0.1 + 0.12 * (y - top) / (64 - top), 0.08 + 0.06 * (y - top) / (64 - top)))
    canvas.fill(colour, canvas.shapes(ellipses=dots), opacity)


def _shells(canvas: Canvas, rng: Rng, time: str) -> None:
    for colour in ("#ff9c8f", "#fff6ea", "#f7b267"):
        x, y, r = 3 + 58 * rng.unit(), 51 + 11 * rng.unit(), 0.55 + 0.3 * rng.unit()
        star = [
            (x + r * (1.0 if i % 2 == 0 else 0.45) * np.sin(i * 0.6283), y - r * (1.0 if i % 2 == 0 else 0.45) * np.cos(i * 0.6283))
            for i in range(10)
        ]
        canvas.fill(lit("#a67f48", time), canvas.shapes(ellipses=[(x, y + r * 0.8, r, r * 0.3)], blur=0.15), 0.5)
        canvas.fill(lit(colour, time), canvas.shapes([star], blur=0.08))


def _desert(canvas: Canvas, rng: Rng, time: str, variant: int) -> None:
    horizon = 36 + rng.below(3)
    paint_sky(canvas, rng, time, horizon, clouds=variant % 4 != 1)
    if variant % 4 in (0, 3):
        _mesas(canvas, rng, time, horizon)
    if variant % 4 == 2:
        _pyramids(canvas, rng, time, horizon)
    sand, shade = [("#f6d288", "#d99a50"), ("#f3c678", "#cf8746"), ("#f8dc9c", "#dca75c"), ("#f0bf7f", "#c97f4d")][variant % 4]
    for i, (base, amplitude) in enumerate(((horizon, 1.3), (horizon + 4, 1.7), (horizon + 11, 1.5))):
        ridge = curve(canvas, rng, base, amplitude, (0.7, 1.3))
        body = canvas.below(ridge)
        far = 0.4 - 0.18 * i
        canvas.gradient(
            [
                (base - 2, blend(lit(sand, time), LIGHTS[time].haze, far)),
                (base + 16, blend(lit(shade, time), LIGHTS[time].haze, far * 0.4)),
            ],
            body,
        )
        canvas.fill(lit("#fff0c4", time), body * np.clip(1 - (canvas.y - ridge[None, :]) / 0.9, 0, 1), 0.4)
    _ripples(canvas, rng, lit("#b97a3d", time), horizon + 14)


def _mesas(canvas: Canvas, rng: Rng, time: str, horizon: float) -> None:
    for _ in range(3):
        x, w, h = 60 * rng.unit(), 4 + 5 * rng.unit(), 4 + 6 * rng.unit()
        rock = [
            (x - w, horizon + 2),
            (x - w * 0.72, horizon - h * 0.4),
            (x - w * 0.6, horizon - h),
            (x + w * 0.55, horizon - h),
            (x + w * 0.66, horizon - h * 0.45),
            (x + w, horizon + 2),
        ]
        top = blend(lit("#c8694a", time), LIGHTS[time].haze, 0.35)
        canvas.gradient(
            [(horizon - h, top), (horizon - h * 0.6, blend(top, lit("#e8a06f", time), 0.5)), (horizon, top)], canvas.shapes([rock])
        )


def _pyramids(canvas: Canvas, rng: Rng, time: str, horizon: float) -> None:
    for size in (7.0, 10.0):
        x = 12 + 40 * rng.unit()
        top = (x, horizon - size * 0.8)
        face = blend(lit("#e9bd6e", time), LIGHTS[time].haze, 0.3)
        canvas.fill(face, canvas.shapes([[top, (x - size, horizon + 2), (x + size, horizon + 2)]]))
        canvas.fill(
            blend(lit("#b9813f", time), LIGHTS[time].haze, 0.3),
            canvas.shapes([[top, (x + size * 0.25, horizon + 2), (x + size, horizon + 2)]]),
            0.8,
        )


def _ripples(canvas: Canvas, rng: Rng, colour: tuple[float, float, float], top: float) -> None:
    lines = []
    for _ in range(16):
        x, y, w = 64 * rng.unit(), top + (63 - top) * rng.unit(), 3 + 5 * rng.unit()
        lines.append([(x + w * t, y + 0.35 * np.sin(6.28 * t)) for t in np.linspace(0, 1, 14)])
    canvas.fill(colour, canvas.lines(lines, 0.16), 0.35)


def _snow(canvas: Canvas, rng: Rng, time: str, variant: int) -> None:
    horizon = 36 + rng.below(3)
    paint_sky(canvas, rng, time, horizon)
    if variant % 4 in (0, 2):
        _peaks(canvas, rng, time, horizon)
    _hill_layers(canvas, rng, time, [(horizon - 1.5, 1.8, "#b9d3ea", 0.3)])
    _pines(canvas, rng, time, horizon)
    ridge = curve(canvas, rng, horizon + 2, 1.0, (0.7, 1.6))
    canvas.gradient([(horizon, lit("#fbfdff", time)), (50, lit("#e8f2fb", time)), (64, lit("#bfd6ec", time))], canvas.below(ridge))
    for base in (46 + 3 * rng.unit(), 55 + 3 * rng.unit()):
        drift = curve(canvas, rng, base, 0.8, (0.6, 1.5))
        canvas.fill(lit("#a9c6e2", time), canvas.below(drift) * np.clip(1 - (canvas.y - drift[None, :]) / 5, 0, 1), 0.35)
    if variant % 4 in (1, 3):
        flakes = [(64 * rng.unit(), 64 * rng.unit(), 0.16 + 0.22 * rng.unit()) for _ in range(70)]
        canvas.fill(rgb("#ffffff"), canvas.shapes(ellipses=[(x, y, r, r) for x, y, r in flakes], blur=0.05), 0.75)


def _peaks(canvas: Canvas, rng: Rng, time: str, horizon: float) -> None:
    for _ in range(4):
        x, w, h = 64 * rng.unit(), 9 + 7 * rng.unit(), 9 + 6 * rng.unit()
        rock = blend(lit("#8aa5c4", time), LIGHTS[time].haze, 0.3)
        top = (x, horizon - h)
        canvas.gradient(
            [(horizon - h, rock), (horizon, blend(rock, LIGHTS[time].haze, 0.5))],
            canvas.shapes([[top, (x - w, horizon + 1), (x + w, horizon + 1)]]),
        )
        k = 0.42
        cap = [
            top,
            (x - w * k, horizon - h * (1 - k)),
            (x - w * 0.2, horizon - h * 0.68),
            (x - w * 0.05, horizon - h * 0.54),
            (x + w * 0.14, horizon - h * 0.7),
            (x + w * k, horizon - h * (1 - k)),
        ]
        canvas.fill(blend(lit("#ffffff", time), LIGHTS[time].haze, 0.12), canvas.shapes([cap]))


def _pines(canvas: Canvas, rng: Rng, time: str, horizon: float) -> None:
    trees, caps = [], []
    for _ in range(16):
        x, h = 64 * rng.unit(), 2.6 + 2.2 * rng.unit()
        foot = horizon + 2.4
        for k in range(3):
            y, w = foot - h * 0.3 * k, h * (0.34 - 0.07 * k)
            trees.append([(x - w, y), (x, y - h * 0.46), (x + w, y)])
            caps.append([(x - w * 0.45, y - h * 0.25), (x, y - h * 0.46), (x + w * 0.45, y - h * 0.25)])
    canvas.fill(blend(lit("#4d7f78", time), LIGHTS[time].haze, 0.3), canvas.shapes(trees))
    canvas.fill(lit("#f4faff", time), canvas.shapes(caps), 0.75)


PAINTERS: dict[str, Callable[[Canvas, Rng, str, int], None]] = {
    "meadow": _meadow, "beach": _beach, "desert": _desert, "snow": _snow, "city": paint_city, "table": paint_table,
}  # fmt: skip
