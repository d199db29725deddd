"""The table place: wallpaper, a window that shows the time of day, and a wooden or painted table top."""

from __future__ import annotations

import numpy as np

from .backgrounds import LIGHTS, curve, paint_sky
from .canvas import Canvas, Colour, blend, rgb, tint
from .rng import Rng

_TABLE_TOP = 44.0
_ROOM_LIGHT = {"day": (1.0, 1.0, 1.0), "sunset": (1.0, 0.87, 0.78), "night": (0.56, 0.57, 0.76), "dawn": (0.97, 0.92, 0.97)}
_WALLS = (("#f6dfc6", "#efd0b0"), ("#cfe5dc", "#b9d8cc"), ("#dcd6ee", "#cbc3e4"), ("#f8e6a9", "#f2d98c"))


def paint_table(canvas: Canvas, rng: Rng, time: str, variant: int) -> None:
    room = _ROOM_LIGHT[time]
    wall, motif = (tint(rgb(c), room) for c in _WALLS[variant % 4])
    canvas.gradient([(0, wall), (_TABLE_TOP, blend(wall, motif, 0.35))])
    _wallpaper(canvas, variant, motif)
    _window(canvas, rng, time, 5.0 if variant % 2 == 0 else 43.0)
    _skirting(canvas, room)
    _table(canvas, rng, time, variant, room)


def _wallpaper(canvas: Canvas, variant: int, motif: Colour) -> None:
    kind = variant % 4
    if kind == 0:
        dots = [(x * 4 + (2 if y % 2 else 0), y * 3 + 1.5, 0.6, 0.6) for x in range(17) for y in range(15)]
        canvas.fill(motif, canvas.shapes(ellipses=dots), 0.9)
    elif kind == 1:
        canvas.fill(motif, (np.floor(canvas.x / 3) % 2).astype(np.float32) + 0 * canvas.y, 0.75)
    elif kind == 2:
        diamonds = [
            [(x * 5, y * 5 - 2.2), (x * 5 + 2.2, y * 5), (x * 5, y * 5 + 2.2), (x * 5 - 2.2, y * 5)] for x in range(14) for y in range(10)
        ]
        canvas.fill(motif, canvas.shapes(diamonds), 0.7)
    else:
        petals = []
        for x in range(9):
            for y in range(7):
                cx, cy = x * 8 + (4 if y % 2 else 0), y * 7 + 3
                petals += [(cx + 0.85 * np.cos(a), cy + 0.85 * np.sin(a), 0.6, 0.6) for a in np.arange(5) * 1.2566]
        canvas.fill(motif, canvas.shapes(ellipses=petals), 0.95)


def _window(canvas: Canvas, rng: Rng, time: str, left: float) -> None:
    """A pane on the outside world: without it a room would not tell the time of day."""
    width, top, bottom = 16.0, 5.0, 25.0
    outside = Canvas(canvas.px)
    paint_sky(outside, rng, time, 26)
    hills = outside.below(curve(outside, rng, 22, 1.0))
    outside.fill(tint(rgb("#79bd6c"), LIGHTS[time].ground), hills)
    frame = canvas.shapes([[(left - 1, top - 1), (left + width + 1, top - 1), (left + width + 1, bottom + 1), (left - 1, bottom + 1)]])
    room = _ROOM_LIGHT[time]
    canvas.fill(
        (60.0, 50.0, 60.0),
        canvas.shapes(
            [[(left - 1, top), (left + width + 1.8, top), (left + width + 1.8, bottom + 1.8), (left - 1, bottom + 1.8)]], blur=0.5
        ),
        0.18,
    )
    canvas.fill(tint(rgb("#ffffff"), room), frame)
    pane = canvas.shapes([[(left, top), (left + width, top), (left + width, bottom), (left, bottom)]])
    canvas.pixels += (outside.pixels - canvas.pixels) * pane[..., None]
    bars = [[(left + width / 2, top), (left + width / 2, bottom)], [(left, (top + bottom) / 2), (left + width, (top + bottom) / 2)]]
    canvas.fill(tint(rgb("#ffffff"), room), canvas.lines(bars, 0.9))
    sill = [(left - 2, bottom + 0.8), (left + width + 2, bottom + 0.8), (left + width + 2, bottom + 2.2), (left - 2, bottom + 2.2)]
    canvas.fill(tint(rgb("#f3ede6"), room), canvas.shapes([sill]))
    canvas.fill(
        tint(rgb("#b9aca0"), room),
        canvas.shapes(
            [[(left - 2, bottom + 2.2), (left + width + 2, bottom + 2.2), (left + width + 2, bottom + 2.6), (left - 2, bottom + 2.6)]]
        ),
        0.8,
    )


def _skirting(canvas: Canvas, room: Colour) -> None:
    canvas.fill((50.0, 35.0, 40.0), np.clip(1 - np.abs(canvas.y - _TABLE_TOP + 0.4) / 2.4, 0, 1) + 0 * canvas.x, 0.14)


def _table(canvas: Canvas, rng: Rng, time: str, variant: int, room: Colour) -> None:
    far, near, grain = [
        ("#d9a066", "#a8683a", "#8a5230"),
        ("#eee6da", "#cfc3b4", "#b9ab99"),
        ("#b87a4b", "#85502f", "#683c22"),
        ("#e0b27c", "#b77f4a", "#97663a"),
    ][variant % 4]
    top = np.clip((canvas.y - _TABLE_TOP) * canvas.unit + 0.5, 0, 1) + 0 * canvas.x
    canvas.gradient([(_TABLE_TOP, tint(rgb(far), room)), (64, tint(rgb(near), room))], top)
    lines = []
    for _ in range(26):
        y, x, w = _TABLE_TOP + 1 + 19 * rng.unit() ** 1.2, 70 * rng.unit() - 6, 8 + 16 * rng.unit()
        lines.append([(x + w * t, y + 0.25 * np.sin(5 * t + 6 * y)) for t in np.linspace(0, 1, 12)])
    canvas.fill(tint(rgb(grain), room), canvas.lines(lines, 0.14), 0.35)
    for y in (_TABLE_TOP + 5.2, _TABLE_TOP + 12.5):
        canvas.fill(tint(rgb(grain), room), np.clip(1 - np.abs(canvas.y - y) / 0.18, 0, 1) + 0 * canvas.x, 0.5)
    canvas.fill(tint(rgb("#fff3dd"), room), np.clip(1 - np.abs(canvas.y - _TABLE_TOP - 0.4) / 0.5, 0, 1) + 0 * canvas.x, 0.55)
    if time != "night":
        beam = (
            [(20.0, _TABLE_TOP), (34.0, _TABLE_TOP), (30.0, 64.0), (8.0, 64.0)]
            if variant % 2 == 0
            else [(30.0, _TABLE_TOP), (44.0, _TABLE_TOP), (56.0, 64.0), (34.0, 64.0)]
        )
        canvas.fill(blend(rgb("#fff6d8"), LIGHTS[time].sky[2], 0.4), canvas.shapes([beam], blur=0.8), 0.2)
    else:
        canvas.glow(32, 50, 30, rgb("#ffcf8a"), 0.16)
