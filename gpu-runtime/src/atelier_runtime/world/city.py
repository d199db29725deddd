"""The city place: a skyline in two layers, a pavement with trees, a street."""

from __future__ import annotations

import numpy as np

from .backgrounds import LIGHTS, lit, paint_sky
from .canvas import Canvas, blend, rgb, tint
from .rng import Rng


def paint_city(canvas: Canvas, rng: Rng, time: str, variant: int) -> None:
    horizon = 42
    paint_sky(canvas, rng, time, horizon)
    palettes = [
        ("#9fb4cf", "#c98f7a", "#e0b98c", "#8fa7c7"),
        ("#b7a6cf", "#8fb0cc", "#d9a58f", "#a3b9a8"),
        ("#c9a2a2", "#92a9c9", "#e3c79a", "#9c9fc4"),
        ("#a8c0b2", "#cfa98f", "#93aecd", "#d8b7b0"),
    ]
    _skyline(canvas, rng, time, horizon, [palettes[variant % 4][0]], 0.55, (9, 24), (3, 6))
    _skyline(canvas, rng, time, horizon, list(palettes[variant % 4][1:]), 0.12, (5, 17), (4.5, 8))
    canvas.gradient(
        [(horizon - 0.2, lit("#d6d3cf", time)), (46.4, lit("#b9b7b8", time))],
        np.clip((canvas.y - horizon + 0.2) * canvas.unit, 0, 1) + 0 * canvas.x,
    )
    if variant % 4 in (1, 3):
        _street_trees(canvas, rng, time, horizon)
    canvas.fill(lit("#8f8d92", time), np.clip((canvas.y - 46.2) * canvas.unit, 0, 1) + 0 * canvas.x)
    canvas.gradient([(47, lit("#747986", time)), (64, lit("#565b69", time))], np.clip((canvas.y - 47) * canvas.unit, 0, 1) + 0 * canvas.x)
    start = 12 * rng.unit()
    dashes = [
        [(start + 14 * i - 14, 54.6), (start + 14 * i - 6.5, 54.6), (start + 14 * i - 7, 55.9), (start + 14 * i - 14.5, 55.9)]
        for i in range(7)
    ]
    canvas.fill(lit("#f4efdf", time), canvas.shapes(dashes), 0.9)
    canvas.fill(lit("#f0c94a", time), np.clip(1 - np.abs(canvas.y - 48.4) / 0.35, 0, 1) * 1.0 + 0 * canvas.x, 0.65)
    if time == "night":
        for x in (12.0, 32.0, 52.0):
            canvas.glow(x, 47, 11, rgb("#ffd98a"), 0.3)


def _skyline(
    canvas: Canvas,
    rng: Rng,
    time: str,
    ground: float,
    colours: list[str],
    share: float,
    heights: tuple[float, float],
    widths: tuple[float, float],
) -> None:
    light = LIGHTS[time]
    x = -3 * rng.unit()
    while x < 64:
        w = widths[0] + (widths[1] - widths[0]) * rng.unit()
        h = heights[0] + (heights[1] - heights[0]) * rng.unit()
        wall = blend(lit(rng.pick(colours), time), light.haze, share)
        top = ground - h
        canvas.gradient(
            [(top, wall), (ground, blend(wall, light.haze, 0.2))],
            canvas.shapes([[(x, top), (x + w, top), (x + w, ground + 0.5), (x, ground + 0.5)]]),
        )
        canvas.fill(
            blend(wall, (20.0, 24.0, 50.0), 0.25),
            canvas.shapes([[(x - 0.15, top), (x + w + 0.15, top), (x + w + 0.15, top + 0.5), (x - 0.15, top + 0.5)]]),
        )
        _windows(canvas, rng, time, x, top, w, ground, share)
        x += w + (0.2 if share < 0.3 else -0.6)


def _windows(canvas: Canvas, rng: Rng, time: str, x: float, top: float, w: float, ground: float, share: float) -> None:
    lit_panes, dark_panes = [], []
    columns = max(2, int(w / 1.5))
    pitch = (w - 0.8) / columns
    y = top + 1.3
    while y < ground - 2:
        for i in range(columns):
            left = x + 0.4 + pitch * i + pitch * 0.2
            pane = [(left, y), (left + pitch * 0.6, y), (left + pitch * 0.6, y + 1.0), (left, y + 1.0)]
            (lit_panes if rng.unit() < (0.6 if time == "night" else 0.25) else dark_panes).append(pane)
        y += 1.9
    strength = 0.85 - 0.6 * share
    glowing = {"night": rgb("#ffe08a"), "sunset": rgb("#ffdf9a"), "dawn": rgb("#fff0d8"), "day": rgb("#eef8ff")}[time]
    canvas.fill(glowing, canvas.shapes(lit_panes), strength)
    canvas.fill(tint(rgb("#7d97b5"), LIGHTS[time].ground), canvas.shapes(dark_panes), strength * 0.7)


def _street_trees(canvas: Canvas, rng: Rng, time: str, ground: float) -> None:
    for i in range(4):
        x = 6 + 16 * i + 5 * (rng.unit() - 0.5)
        canvas.fill(
            lit("#7a5a42", time),
            canvas.shapes([[(x - 0.3, ground - 3), (x + 0.3, ground - 3), (x + 0.35, ground + 1), (x - 0.35, ground + 1)]]),
        )
        crown = [(x, ground - 5, 2.4, 2.6), (x - 1.3, ground - 4.1, 1.7, 1.7), (x + 1.4, ground - 4.2, 1.7, 1.7)]
        canvas.fill(lit("#5d9d56", time), canvas.shapes(ellipses=crown))
        canvas.fill(lit("#8cc776", time), canvas.shapes(ellipses=[(x - 0.7, ground - 5.8, 1.1, 1.0)], blur=0.4), 0.8)
