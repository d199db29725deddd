"""Formulas: a small mathematical typesetter for fractions, powers, roots and sums, drawn from a tree of parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...compose import Composer
from ...rng import Rng
from ..pictures import picture_kind
from .facts import Facts
from .sheet_of_paper import Sheet

Part = str | tuple
"""Text, or (`row`, parts...), (`over`, top, bottom), (`power`, base, exponent), (`index`, base, index), (`root`, inner),
(`sum`, from, to, inner), (`paren`, inner)."""


@picture_kind
@dataclass(frozen=True, slots=True)
class Formula:
    kind: ClassVar[str] = "formula"
    parts: tuple
    palette: int

    def paint(self, composer: Composer) -> np.ndarray:
        sheet = Sheet(composer.size_px, self.palette)
        size = 16.0
        while size > 4:
            width, up, down = measure(sheet, self.parts, size)
            if width <= 88 and up + down <= 70:
                break
            size -= 0.5
        sheet.box(4, 50 - 40, 96, 90, outline=sheet.mixed(sheet.colours[0], 0.55), radius=4, width=0.6)
        _draw(sheet, self.parts, 50 - width / 2, 50 + (up - down) / 2, size)
        return sheet.pixels()


def italic(text: str) -> str:
    """Letters of variables in mathematical italic; numbers and signs stay upright."""
    out = []
    for c in text:
        if c == "h":
            out.append("ℎ")
        elif "a" <= c <= "z":
            out.append(chr(0x1D44E + ord(c) - 97))
        elif "A" <= c <= "Z":
            out.append(chr(0x1D434 + ord(c) - 65))
        else:
            out.append(c)
    return "".join(out)


_AXIS = 0.28
"""Height of fraction bars above the base line, in font sizes."""


def measure(sheet: Sheet, part: Part, size: float) -> tuple[float, float, float]:
    """(width, extent above, extent below) the base line, in frame units."""
    if isinstance(part, str):
        return sheet.width(italic(part), size, "math"), 0.75 * size, 0.22 * size
    kind, *inner = part
    if kind == "row":
        sizes = [measure(sheet, p, size) for p in inner]
        return sum(s[0] for s in sizes), max(s[1] for s in sizes), max(s[2] for s in sizes)
    if kind == "over":
        (tw, tu, td), (bw, bu, bd) = (measure(sheet, p, size * 0.8) for p in inner)
        return max(tw, bw) + 0.3 * size, _AXIS * size + 0.14 * size + tu + td, bu + bd + 0.14 * size - _AXIS * size
    if kind in ("power", "index"):
        (bw, bu, bd), (ew, eu, ed) = measure(sheet, inner[0], size), measure(sheet, inner[1], size * 0.62)
        if kind == "power":
            return bw + ew + 0.05 * size, max(bu, 0.42 * size + eu), bd
        return bw + ew + 0.05 * size, bu, max(bd, 0.2 * size + ed)
    if kind == "root":
        w, u, d = measure(sheet, inner[0], size)
        return w + 0.75 * size, u + 0.2 * size, d
    if kind == "sum":
        w, u, d = measure(sheet, inner[2], size)
        low, high = (measure(sheet, p, size * 0.5) for p in inner[:2])
        return w + max(1.05 * size, low[0], high[0]) + 0.15 * size, max(u, 1.1 * size + high[1]), max(d, 0.5 * size + low[1] + low[2])
    w, u, d = measure(sheet, inner[0], size)
    return w + 0.7 * size, u + 0.06 * size, d + 0.06 * size


def _draw(sheet: Sheet, part: Part, x: float, y: float, size: float) -> None:
    """Draws at base line y from x on."""
    if isinstance(part, str):
        sheet.text(x, y, italic(part), size, anchor="ls", face="math")
        return
    kind, *inner = part
    width, up, down = measure(sheet, part, size)
    if kind == "row":
        for p in inner:
            _draw(sheet, p, x, y, size)
            x += measure(sheet, p, size)[0]
    elif kind == "over":
        (tw, _, td), (bw, bu, _) = (measure(sheet, p, size * 0.8) for p in inner)
        bar = y - _AXIS * size
        _draw(sheet, inner[0], x + (width - tw) / 2, bar - 0.14 * size - td, size * 0.8)
        _draw(sheet, inner[1], x + (width - bw) / 2, bar + 0.14 * size + bu, size * 0.8)
        sheet.line([(x + 0.06 * size, bar), (x + width - 0.06 * size, bar)], 0.065 * size)
    elif kind in ("power", "index"):
        base = measure(sheet, inner[0], size)[0]
        _draw(sheet, inner[0], x, y, size)
        _draw(sheet, inner[1], x + base + 0.05 * size, y - 0.42 * size if kind == "power" else y + 0.2 * size, size * 0.62)
    elif kind == "root":
        left, top = x + 0.62 * size, y - up + 0.06 * size
        sheet.line(
            [
                (x + 0.06 * size, y - 0.3 * size),
                (x + 0.2 * size, y - 0.36 * size),
                (x + 0.36 * size, y + down - 0.06 * size),
                (left, top),
                (x + width, top),
            ],
            0.07 * size,
        )
        _draw(sheet, inner[0], left + 0.08 * size, y, size)
    elif kind == "sum":
        body = max(1.05 * size, *(measure(sheet, p, size * 0.5)[0] for p in inner[:2]))
        sheet.text(x + body / 2, y - 0.28 * size, "∑", size * 1.35, anchor="mm", face="math")
        for p, at in ((inner[0], y + 0.5 * size + measure(sheet, inner[0], size * 0.5)[1]), (inner[1], y - 1.15 * size)):
            _draw(sheet, p, x + (body - measure(sheet, p, size * 0.5)[0]) / 2, at, size * 0.5)
        _draw(sheet, inner[2], x + body + 0.15 * size, y, size)
    else:
        for k, at in ((0, x), (1, x + width - 0.35 * size)):
            points = [
                (at + (0.28 - 0.2 * np.sin(t)) * size if k == 0 else at + (0.07 + 0.2 * np.sin(t)) * size, y - up + (up + down) * t / np.pi)
                for t in np.linspace(0, np.pi, 16)
            ]
            sheet.line(points, 0.06 * size)
        _draw(sheet, inner[0], x + 0.35 * size, y, size)


def tex(part: Part) -> str:
    """The formula as TeX: what an instruction says."""
    if isinstance(part, str):
        return (
            part.replace("−", "-")
            .replace("±", "\\pm ")
            .replace("π", "\\pi ")
            .replace("×", "\\times ")
            .replace("≤", "\\le ")
            .replace("λ", "\\lambda ")
            .replace("α", "\\alpha ")
        )
    kind, *inner = part
    t = [tex(p) for p in inner]
    return {
        "row": lambda: "".join(t),
        "over": lambda: f"\\frac{{{t[0]}}}{{{t[1]}}}",
        "power": lambda: f"{t[0]}^{{{t[1]}}}",
        "index": lambda: f"{t[0]}_{{{t[1]}}}",
        "root": lambda: f"\\sqrt{{{t[0]}}}",
        "sum": lambda: f"\\sum_{{{t[0]}}}^{{{t[1]}}}{t[2]}",
        "paren": lambda: f"({t[0]})",
    }[kind]()


def sample_formula(rng: Rng, difficulty: int) -> Facts:
    """Difficulty: 1 a linear equation, 2 powers, 3 fractions, 4 roots and sums, 5 all nested."""
    picture = Formula(_build(rng, difficulty), rng.below(8))
    other = _build(rng, difficulty)
    while tex(other) == tex(picture.parts):
        other = _build(rng, difficulty)
    text = tex(picture.parts)
    return Facts(
        picture,
        "formula",
        difficulty,
        f"formula. ${text}$.",
        f"the formula ${text}$ in clean typesetting",
        f"公式 ${text}$，排版清晰",
        (
            (f"Does the formula read ${text}$?", f"公式是 ${text}$ 吗？", True, text),
            (f"Does the formula read ${tex(other)}$?", f"公式是 ${tex(other)}$ 吗？", False, tex(other)),
        ),
    )


def _build(rng: Rng, difficulty: int) -> tuple:
    x, y, a, b, n = (rng.pick(letters) for letters in ("xtz", "yfs", "abc", "dkm", "npq"))
    i, j, k = 2 + rng.below(8), 2 + rng.below(8), 2 + rng.below(7)
    sign = rng.pick(("+", "-"))
    minus = "−" if sign == "-" else "+"
    if difficulty == 1:
        return rng.pick(
            (("row", y, "=", str(i), x, minus, str(j)), ("row", str(i), "+", str(j), "=", str(i + j)), ("row", x, minus, a, "=", str(k)))
        )
    if difficulty == 2:
        return rng.pick(
            (
                ("row", y, "=", ("power", x, "2"), minus, str(i), x),
                ("row", ("power", a, "2"), "+", ("power", b, "2"), "=", ("power", "c", "2")),
                ("row", "A", "=", "π", ("power", "r", "2")),
                ("row", ("index", x, "1"), minus, ("index", x, "2"), "=", str(k)),
            )
        )
    if difficulty == 3:
        return rng.pick(
            (
                ("row", ("over", str(i), str(j)), "+", ("over", a, b), "=", x),
                ("row", y, "=", ("over", ("row", x, minus, str(i)), ("row", x, "+", str(k)))),
                ("row", "v", "=", ("over", ("row", "Δ", "s"), ("row", "Δ", "t"))),
                ("row", ("power", ("paren", ("row", a, minus, b)), "2"), "=", str(i * i)),
            )
        )
    if difficulty == 4:
        return rng.pick(
            (
                ("row", x, "=", ("over", ("row", "−", a, "±", ("root", ("row", ("power", a, "2"), "−", "4", b))), "2")),
                ("row", ("sum", f"{n}=1", str(i * 10), ("power", n, "2")), "=", "S"),
                ("row", "d", "=", ("root", ("row", ("power", x, "2"), "+", ("power", y, "2")))),
            )
        )
    return rng.pick(
        (
            (
                "row",
                x,
                "=",
                ("over", ("row", "−", "b", "±", ("root", ("row", ("power", "b", "2"), "−", "4", "a", "c"))), ("row", "2", "a")),
            ),
            (
                "row",
                "σ",
                "=",
                ("root", ("row", ("over", "1", n), ("sum", "i=1", n, ("power", ("paren", ("row", ("index", x, "i"), "−", "μ")), "2")))),
            ),
            ("row", "S", "=", ("sum", f"{n}=0", "∞", ("over", ("power", x, n), ("row", str(k), ("power", n, "2"), "+", str(j))))),
        )
    )
