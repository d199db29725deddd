"""Contact sheets: what was given, what came out, what was asked for; a bar says whether the judge counts it as done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_CELL_PX = 160
_TEXT_PX = 30
_DONE, _NOT_DONE, _PLAIN = (40, 150, 70), (190, 50, 50), (120, 120, 130)


@dataclass(frozen=True)
class SheetRow:
    """Pictures [size, size, 3] uint8."""

    text: str
    references: list[np.ndarray]
    drawn: list[np.ndarray]
    truth: list[np.ndarray]
    done: bool


def write_sheet(path: Path, rows: Sequence[SheetRow], columns: int = 2) -> None:
    """Rows of references | drawn | truth with their texts, in `columns` columns."""
    most = max(len(r.references) + len(r.drawn) + len(r.truth) for r in rows)
    width, height = most * _CELL_PX + 12, _CELL_PX + _TEXT_PX + 6
    sheet = Image.new("RGB", (width * columns, height * -(-len(rows) // columns)), (246, 247, 250))
    for k, row in enumerate(rows):
        _draw_row(sheet, row, (k % columns) * width, (k // columns) * height)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def _draw_row(sheet: Image.Image, row: SheetRow, left: int, top: int) -> None:
    draw = ImageDraw.Draw(sheet)
    draw.multiline_text((left + 2, top), _wrapped(row.text), fill=(30, 35, 50), font=ImageFont.load_default(10), spacing=1)
    bars = [(row.references, _PLAIN), (row.drawn, _DONE if row.done else _NOT_DONE), (row.truth, _PLAIN)]
    x, y = left, top + _TEXT_PX
    for pictures, bar in bars:
        for picture in pictures:
            small = Image.fromarray(picture).resize((_CELL_PX - 4, _CELL_PX - 4), Image.Resampling.LANCZOS)
            sheet.paste(small, (x, y))
            draw.rectangle((x, y + _CELL_PX - 4, x + _CELL_PX - 5, y + _CELL_PX - 1), fill=bar)
            x += _CELL_PX


def _wrapped(text: str, width: int = 88) -> str:
    """Two lines; what the plain font lacks (Chinese) is shown by its code points' count only."""
    readable = text if text.isascii() else f"({len(text)} characters, Chinese)"
    return "\n".join(readable[i : i + width] for i in range(0, min(len(readable), 2 * width), width))
