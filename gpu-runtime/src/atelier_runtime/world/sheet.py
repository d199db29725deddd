"""Contact sheets of the world: `python -m atelier_runtime.world.sheet scenes --out sheet.png`."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from .compose import Composer
from .sample import sample_scene
from .vocabulary import PLACES, TIMES, VARIANTS, Atlas, preset


def grid(pictures: list[np.ndarray], columns: int, gap: int = 4) -> Image.Image:
    """Pastes equal pictures [h, w, 3] into a sheet."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * (width + gap) - gap, rows * (height + gap) - gap), "white")
    for i, picture in enumerate(pictures):
        sheet.paste(Image.fromarray(picture), ((i % columns) * (width + gap), (i // columns) * (height + gap)))
    return sheet


def _captioned(picture: np.ndarray, text: str) -> np.ndarray:
    size = picture.shape[0]
    lines = textwrap.wrap(text, size // 6)[:5]
    image = Image.new("RGB", (size, size + 62), "white")
    image.paste(Image.fromarray(picture), (0, 0))
    ImageDraw.Draw(image).multiline_text((3, size + 2), "\n".join(lines), fill="black", spacing=1)
    return np.asarray(image)


def _sprites(atlas: Atlas, concepts: list[str], styles: tuple[str, ...], side: int) -> list[np.ndarray]:
    cells = []
    for concept in concepts:
        for style in styles:
            cell = Image.new("RGB", (side, side), (222, 232, 224))
            sprite = Image.fromarray(atlas.sprite(concept, style)).resize((side, side), Image.Resampling.LANCZOS)
            cell.paste(sprite, (0, 0), sprite)
            cells.append(np.asarray(cell))
    return cells


def _colours(atlas: Atlas, concepts: tuple[str, ...], colours: tuple[str, ...], style: str, side: int) -> list[np.ndarray]:
    cells = []
    for concept in concepts:
        for colour in (None, *colours):
            cell = Image.new("RGB", (side, side), (222, 232, 224))
            if colour is None or colour in atlas.concepts[concept].colours(style):
                sprite = Image.fromarray(atlas.sprite(concept, style, colour)).resize((side, side), Image.Resampling.LANCZOS)
                cell.paste(sprite, (0, 0), sprite)
            cells.append(np.asarray(cell))
    return cells


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("scenes", "backgrounds", "sprites", "colours"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--preset", default="pilot")
    parser.add_argument("--split", default="train")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--columns", type=int, default=0)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--style", default="glossy")
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args(arguments)
    atlas = Atlas()
    chosen = preset(options.preset, atlas)
    if options.what == "scenes":
        from .captions import caption

        composer = Composer(atlas, options.size)
        specs = [sample_scene(options.seed + i, chosen, atlas, options.split) for i in range(options.count)]
        pictures = [
            _captioned(p, caption(s, "en", ("layout", "short", "dense")[i % 3], i, atlas))
            for i, (p, s) in enumerate(zip(composer.render(specs), specs, strict=True))
        ]
        sheet = grid(pictures, options.columns or 6)
    elif options.what == "backgrounds":
        composer = Composer(atlas, options.size)
        sheet = grid([composer.background(p, t, v) for p in PLACES for t in TIMES for v in range(VARIANTS)], options.columns or 16)
    elif options.what == "sprites":
        ids = list(chosen.concepts)[options.first : options.first + options.count]
        sheet = grid(_sprites(atlas, ids, chosen.styles, options.size), options.columns or 4 * len(chosen.styles))
    else:
        ids = chosen.concepts[options.first : options.first + options.count]
        sheet = grid(_colours(atlas, ids, chosen.colours, options.style, options.size), options.columns or 2 * (1 + len(chosen.colours)))
    sheet.save(options.out)


if __name__ == "__main__":
    main()
