"""Diagrams from exact graphs: a flow, a cycle, a tree."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...compose import Composer
from ...rng import Rng
from ..pictures import picture_kind
from .facts import Facts
from .sheet_of_paper import Sheet

_FLOWS = (
    (("Start", "Read", "Check", "Sort", "Save", "End"), ("开始", "读取", "检查", "排序", "保存", "结束")),
    (("Seed", "Sprout", "Plant", "Flower", "Fruit", "Seed store"), ("种子", "芽", "植株", "花", "果", "种子库")),
    (("Order", "Pay", "Pack", "Ship", "Track", "Receive"), ("下单", "付款", "打包", "发货", "跟踪", "收货")),
)  # fmt: skip
_CYCLES = (
    (("Spring", "Summer", "Autumn", "Winter"), ("春", "夏", "秋", "冬")),
    (("Sea", "Cloud", "Rain", "River"), ("海", "云", "雨", "河")),
    (("Plan", "Build", "Test", "Learn", "Share", "Rest"), ("计划", "建造", "测试", "学习", "分享", "休息")),
)
_TREES = (
    (("Food", "Fruit", "Vegetable", "Apple", "Pear", "Carrot", "Leek"), ("食物", "水果", "蔬菜", "苹果", "梨", "胡萝卜", "韭葱")),
    (("Animals", "Birds", "Fish", "Duck", "Owl", "Shark", "Eel"), ("动物", "鸟", "鱼", "鸭", "猫头鹰", "鲨鱼", "鳗鱼")),
)
_FORM_WORDS = {"flow": ("a flow chart", "流程图"), "cycle": ("a cycle diagram", "循环图"), "tree": ("a tree diagram", "树状图")}


@picture_kind
@dataclass(frozen=True, slots=True)
class Diagram:
    """`edges` are pairs of indices into `nodes`."""

    kind: ClassVar[str] = "diagram"
    form: str
    nodes: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    palette: int

    def paint(self, composer: Composer) -> np.ndarray:
        sheet = Sheet(composer.size_px, self.palette)
        centres, half = {"flow": _flow, "cycle": _cycle, "tree": _tree}[self.form](len(self.nodes))
        for a, b in self.edges:
            start, end = _between(centres[a], centres[b], half)
            sheet.arrow(start, end, 0.8, sheet.mixed(sheet.ink, 0.25))
        for i, (name, (x, y)) in enumerate(zip(self.nodes, centres, strict=True)):
            colour = sheet.colours[(0 if self.form == "flow" else i) % 6]
            sheet.box(x - half[0] + 0.7, y - half[1] + 1, x + half[0] + 0.7, y + half[1] + 1, fill=sheet.mixed(sheet.ink, 0.84), radius=2.6)
            sheet.box(
                x - half[0], y - half[1], x + half[0], y + half[1], fill=sheet.mixed(colour, 0.72), outline=colour, radius=2.6, width=0.7
            )
            sheet.fitted_text(x, y, name, 6, 2 * half[0] - 3)
        return sheet.pixels()


Point = tuple[float, float]


def _flow(n: int) -> tuple[list[Point], Point]:
    """Snakes in rows of two, so that text stays large."""
    rows = math.ceil(n / 2)
    places = []
    for i in range(n):
        row, column = divmod(i, 2)
        places.append((27.0 if (column == 0) == (row % 2 == 0) else 73.0, 50 + (row - (rows - 1) / 2) * min(32.0, 84 / rows)))
    return places, (17.0, 8.0)


def _cycle(n: int) -> tuple[list[Point], Point]:
    return [(50 + 33 * math.sin(2 * math.pi * i / n), 50 - 35 * math.cos(2 * math.pi * i / n)) for i in range(n)], (14.0, 7.0)


def _tree(n: int) -> tuple[list[Point], Point]:
    places: list[Point] = [(50.0, 18.0), (27.0, 50.0), (73.0, 50.0), (14.0, 82.0), (38.0, 82.0), (62.0, 82.0), (86.0, 82.0)]
    if n == 2:
        places[1] = (50.0, 50.0)
    if n == 4:
        places[3] = (27.0, 82.0)
    return places[:n], (11.0, 7.0)


def _between(a: Point, b: Point, half: Point) -> tuple[Point, Point]:
    """The part of the way from a to b that lies outside both boxes."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    reach = min(half[0] / abs(dx) if dx else 9.0, half[1] / abs(dy) if dy else 9.0)
    gap = 1.2 / math.hypot(dx, dy)
    return (a[0] + dx * (reach + gap), a[1] + dy * (reach + gap)), (b[0] - dx * (reach + gap), b[1] - dy * (reach + gap))


def sample_diagram(rng: Rng, difficulty: int) -> Facts:
    """Difficulty: two to six steps; a cycle from 2 on, a tree from 3 on."""
    form = rng.pick(("flow", "cycle", "tree")[: min(3, difficulty)])
    chinese = rng.chance(35)
    if form == "tree":
        names, count = rng.pick(_TREES), (3, 3, 4, 5, 7)[difficulty - 1]
        edges = tuple((a, b) for a, b in ((0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6)) if b < count)
    else:
        names = rng.pick([f for f in (_FLOWS if form == "flow" else _CYCLES) if len(f[0]) >= difficulty + 1])
        count = difficulty + 1
        edges = tuple((i, i + 1) for i in range(count - 1)) + (((count - 1, 0),) if form == "cycle" else ())
    nodes = names[1 if chinese else 0][:count]
    picture = Diagram(form, nodes, edges, rng.below(8))
    told = ", ".join(f"{nodes[a]} to {nodes[b]}" for a, b in edges)
    told_zh = "，".join(f"{nodes[a]}到{nodes[b]}" for a, b in edges)
    a, b = rng.pick(edges)
    form_en, form_zh = _FORM_WORDS[form]
    questions = [
        (f"Does an arrow go from {nodes[a]} to {nodes[b]}?", f"有从{nodes[a]}到{nodes[b]}的箭头吗？", True, f"{nodes[a]}>{nodes[b]}")
    ]
    missing = [(i, j) for i in range(count) for j in range(count) if i != j and (i, j) not in edges]
    if missing:
        i, j = rng.pick(missing)
        questions.append(
            (f"Does an arrow go from {nodes[i]} to {nodes[j]}?", f"有从{nodes[i]}到{nodes[j]}的箭头吗？", False, f"{nodes[i]}>{nodes[j]}")
        )
    return Facts(
        picture, "diagram", difficulty, f"diagram {form}. {told}.", f"{form_en}: {told}", f"{form_zh}：{told_zh}", tuple(questions)
    )  # fmt: skip
