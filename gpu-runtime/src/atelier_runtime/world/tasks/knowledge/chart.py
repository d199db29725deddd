"""Charts from exact values: bars, lines, a pie."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...compose import Composer
from ...rng import Rng
from ..pictures import picture_kind
from .facts import Facts, number_words
from .sheet_of_paper import Sheet

_TOPICS = (
    ("Fruit sold", "水果销量", ("Apples", "Pears", "Plums", "Grapes", "Figs", "Limes"), ("苹果", "梨", "李子", "葡萄", "无花果", "青柠")),
    ("Visitors", "参观人数", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat"), ("周一", "周二", "周三", "周四", "周五", "周六")),
    ("Rain (mm)", "降雨量（毫米）", ("Jan", "Feb", "Mar", "Apr", "May", "Jun"), ("一月", "二月", "三月", "四月", "五月", "六月")),
    ("Points", "得分", ("Red", "Blue", "Green", "Gold", "Pink", "Grey"), ("红队", "蓝队", "绿队", "金队", "粉队", "灰队")),
    ("Drinks", "饮料", ("Tea", "Coffee", "Water", "Milk", "Juice", "Cocoa"), ("茶", "咖啡", "水", "牛奶", "果汁", "可可")),
)
_KIND_WORDS = {"bar": ("a bar chart", "柱状图"), "line": ("a line chart", "折线图"), "pie": ("a pie chart", "饼图")}


@picture_kind
@dataclass(frozen=True, slots=True)
class Chart:
    """`values` are whole numbers; a pie shows their shares of the whole."""

    kind: ClassVar[str] = "chart"
    form: str
    title: str
    labels: tuple[str, ...]
    values: tuple[int, ...]
    palette: int

    def paint(self, composer: Composer) -> np.ndarray:
        sheet = Sheet(composer.size_px, self.palette)
        sheet.fitted_text(50, 10, self.title, 7, 88)
        {"bar": _bars, "line": _line, "pie": _pie}[self.form](sheet, self)
        return sheet.pixels()


def _axis(sheet: Sheet, chart: Chart) -> tuple[float, float]:
    """Grid and numbers; returns (value at the top, step)."""
    step = next(s for s in (1, 2, 5, 10, 20, 25, 50, 100) if s * 5 >= max(chart.values))
    top = step * math.ceil(max(chart.values) / step)
    for k in range(top // step + 1):
        y = 82 - 62 * k * step / top
        sheet.line([(15, y), (95, y)], 0.25, sheet.mixed(sheet.ink, 0.75))
        sheet.text(13, y, str(k * step), 4.6, anchor="rm")
    sheet.line([(15, 82), (95, 82)], 0.7)
    return float(top), float(step)


def _label(sheet: Sheet, x: float, text: str, width: float) -> None:
    sheet.fitted_text(x, 88.5, text, 5.4, width)


def _bars(sheet: Sheet, chart: Chart) -> None:
    top, _ = _axis(sheet, chart)
    pitch = 80 / len(chart.values)
    for i, (label, value) in enumerate(zip(chart.labels, chart.values, strict=True)):
        x, y = 15 + pitch * (i + 0.5), 82 - 62 * value / top
        sheet.box(x - pitch * 0.33, y, x + pitch * 0.33, 82, fill=sheet.colours[i % 6], radius=min(1.2, (82 - y) / 2))
        sheet.box(x - pitch * 0.33, max(y, 80.5), x + pitch * 0.33, 82, fill=sheet.colours[i % 6])
        sheet.text(x, y - 3.4, str(value), 5)
        _label(sheet, x, label, pitch * 0.94)


def _line(sheet: Sheet, chart: Chart) -> None:
    top, _ = _axis(sheet, chart)
    pitch = 80 / len(chart.values)
    points = [(15 + pitch * (i + 0.5), 82 - 62 * value / top) for i, value in enumerate(chart.values)]
    sheet.polygon([(points[0][0], 82), *points, (points[-1][0], 82)], sheet.mixed(sheet.colours[0], 0.8))
    sheet.line(points, 1.1, sheet.colours[0])
    for (x, y), label, value in zip(points, chart.labels, chart.values, strict=True):
        sheet.circle(x, y, 1.7, fill=sheet.ground, outline=sheet.colours[0], width=0.9)
        low = all(y >= other[1] for k, other in enumerate(points) if abs(points.index((x, y)) - k) == 1)
        sheet.text(x, y + 5 if low and y < 74 else y - 5, str(value), 5)
        _label(sheet, x, label, pitch * 0.94)


def _pie(sheet: Sheet, chart: Chart) -> None:
    total, angle = sum(chart.values), -90.0
    u = sheet.unit
    for i, value in enumerate(chart.values):
        sweep = 360 * value / total
        sheet.draw.pieslice(
            (8 * u, 24 * u, 62 * u, 78 * u), angle, angle + sweep, fill=sheet.colours[i % 6], outline=sheet.ground, width=round(0.6 * u)
        )
        middle = math.radians(angle + sweep / 2)
        if sweep > 24:
            share = f"{round(100 * value / total)}%"
            sheet.text(
                35 + 17 * math.cos(middle), 51 + 17 * math.sin(middle), share, 5, fill="#ffffff" if sheet.ground != "#101727" else "#101727"
            )
        angle += sweep
    for i, (label, value) in enumerate(zip(chart.labels, chart.values, strict=True)):
        y = 51 + (i - (len(chart.values) - 1) / 2) * 8.5
        sheet.box(67, y - 2, 71, y + 2, fill=sheet.colours[i % 6], radius=0.6)
        sheet.fitted_text(73, y, f"{label} {value}", 5, 25, anchor="lm")


def sample_chart(rng: Rng, difficulty: int) -> Facts:
    """Difficulty: 2 to 6 values, larger numbers, a line from 2 on, a pie from 3 on."""
    form = rng.pick(("bar", "line", "pie")[: min(3, difficulty)])
    title, title_zh, labels, labels_zh = rng.pick(_TOPICS)
    chinese = rng.chance(35)
    n, top = difficulty + 1, (9, 20, 50, 90, 95)[difficulty - 1]
    values = tuple(rng.shuffled(list(range(2, top)))[:n])
    names = (labels_zh if chinese else labels)[:n]
    picture = Chart(form, title_zh if chinese else title, names, values, rng.below(8))
    told = ", ".join(f"{label} {value}" for label, value in zip(names, values, strict=True))
    told_zh = "，".join(f"{label}{value}" for label, value in zip(names, values, strict=True))
    kind, kind_zh = _KIND_WORDS[form]
    largest = names[values.index(max(values))]
    wrong = rng.pick([name for name in names if name != largest])
    asked = rng.below(n)
    return Facts(
        picture,
        "chart",
        difficulty,
        f'chart {form}. "{picture.title}". {told}.',
        f'{kind} titled "{picture.title}": {told}',
        f"{kind_zh}，标题“{picture.title}”：{told_zh}",
        (
            (f"Is {largest} the largest?", f"{largest}最大吗？", True, largest),
            (f"Is {wrong} the largest?", f"{wrong}最大吗？", False, largest),
            (f"Is the value of {names[asked]} {values[asked]}?", f"{names[asked]}的值是{values[asked]}吗？", True, str(values[asked])),
            (
                f"Is the value of {names[asked]} {number_words(values[asked], rng)}?",
                f"{names[asked]}的值是别的数吗？",
                False,
                str(values[asked]),
            ),
        ),
    )
