"""Draws a file of fixed prompts, first seed, nothing picked, into one sheet.

    python -m atelier_runtime.evaluation.prompt_sheet --weights weights/atelier-laptop --out sheet.png
    python -m atelier_runtime.evaluation.prompt_sheet --weights weights/x --prompts prompts-64 --captions c.json --out sheet.png

The network reads the sentence itself; with --captions, a JSON object id -> text (what prompt expansion made of each
prompt, null for what it refuses), it reads that instead, as the service does.
A file that carries a `sha256` of its prompts is refused when they differ from it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .engines import OnnxWeights
from .frozen import FOLDER, FrozenBenchmarkError

PROMPTS_FILE = FOLDER / "prompts-48.json"
_COLUMNS = 8
_TEXT_PX = 46
_REFUSED = np.full((256, 256, 3), 226, np.uint8)
"""The service answers such a prompt with a 400; its place on the sheet stays grey."""


def prompts_digest(prompts: list[dict]) -> str:
    """sha256 of the prompts as compact JSON with sorted keys, in UTF-8."""
    return hashlib.sha256(json.dumps(prompts, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()).hexdigest()


def load_prompts(path: Path = PROMPTS_FILE) -> list[dict]:
    """Errors: FrozenBenchmarkError where the file carries a checksum that is not that of its prompts."""
    read = json.loads(path.read_text(encoding="utf-8"))
    if "sha256" in read and read["sha256"] != prompts_digest(read["prompts"]):
        raise FrozenBenchmarkError(f"{path.name} was edited after it was frozen")
    return read["prompts"]


def prompt_sheet(
    draw: Callable[[str, int], np.ndarray], captions: dict[str, str | None] | None = None, seed: int = 0, prompts: list[dict] | None = None,
    cell_px: int | None = None,
) -> Image.Image:  # fmt: skip
    """`draw(text, seed)` -> [size, size, 3] uint8. Errors: KeyError when captions lack a prompt."""
    prompts = prompts or load_prompts()
    texts = [captions[p["id"]] if captions else p["text"] for p in prompts]
    pictures = [_REFUSED if text is None else draw(text, seed) for text in texts]
    cells = [_cell(picture, f"{p['id']} {p['text']}", cell_px) for picture, p in zip(pictures, prompts, strict=True)]
    width, height = cells[0].size
    sheet = Image.new("RGB", (_COLUMNS * (width + 4), -(-len(cells) // _COLUMNS) * (height + 4)), "white")
    for i, cell in enumerate(cells):
        sheet.paste(cell, ((i % _COLUMNS) * (width + 4), (i // _COLUMNS) * (height + 4)))
    return sheet


def _cell(picture: np.ndarray, text: str, cell_px: int | None) -> Image.Image:
    size = cell_px or max(192, picture.shape[0])
    cell = Image.new("RGB", (size, size + _TEXT_PX), "white")
    cell.paste(
        Image.fromarray(picture).resize((size, size), Image.Resampling.NEAREST if picture.shape[0] < size else Image.Resampling.LANCZOS),
        (0, 0),
    )
    # The built-in font has no Chinese glyphs; the id finds the sentence in the prompts file.
    shown = text if text.isascii() else text.split(" ")[0] + " (Chinese)"
    ImageDraw.Draw(cell).multiline_text(
        (3, size + 2), "\n".join(textwrap.wrap(shown, size // 6)[:3]), fill="black", font=ImageFont.load_default(11), spacing=1
    )
    return cell


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--prompts", default=PROMPTS_FILE.stem, help="name of a prompts file in evaluation/")
    parser.add_argument("--captions", type=Path)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cell-px", type=int, help="side of a picture on the sheet (default: its own, at least 192)")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    captions = json.loads(options.captions.read_text(encoding="utf-8")) if options.captions else None
    prompts = load_prompts(FOLDER / f"{options.prompts}.json")
    draw = OnnxWeights(options.weights, steps=options.steps).draw_text
    prompt_sheet(draw, captions, options.seed, prompts, options.cell_px).save(options.out)


if __name__ == "__main__":
    main()
