"""Contact sheets of tasks: `python -m atelier_runtime.world.tasks.sheet move --out move.png`.

A row shows the reference pictures, then the targets, and below them the instruction in both languages.
"""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ..compose import Composer
from ..spec import BINS
from ..vocabulary import Atlas, preset
from .lettering import font
from .registry import SAMPLERS, sample_task
from .task_sample import TaskSample
from .two_steps import sample_two_steps

_GAP = 6
TWO_STEPS = "two-steps"
"""Split S8: two edits in one instruction."""


def row_of(sample: TaskSample, composer: Composer) -> Image.Image:
    """One sample as a picture; what may change is framed in the first reference."""
    size = composer.size_px
    pictures = [(f"{r.role}", r.picture.paint(composer)) for r in sample.references]
    pictures += [(f"target {k + 1}", t.paint(composer)) for k, t in enumerate(sample.targets)]
    width = len(pictures) * (size + _GAP) - _GAP
    english = textwrap.wrap(sample.instructions["en"], max(24, width // 7))[:4]
    chinese = textwrap.wrap(sample.instructions["zh"], max(14, width // 13))[:3]
    image = Image.new("RGB", (width, size + 20 + 17 * (len(english) + len(chinese)) + 8), "white")
    draw = ImageDraw.Draw(image)
    for k, (title, pixels) in enumerate(pictures):
        left = k * (size + _GAP)
        image.paste(Image.fromarray(pixels), (left, 18))
        draw.text((left + 2, 1), title, fill="#777777", font=font("plain", 12))
        if k == 0 and sample.edit_boxes and sample.task != "mask":
            for box in sample.edit_boxes:
                frame = [v * size / BINS for v in box]
                draw.rectangle((left + frame[0], 18 + frame[1], left + frame[2] - 1, 18 + frame[3] - 1), outline="#ff3b6b")
    y = size + 21
    for lines, face in ((english, "hei" if any(ord(c) > 0x2E7F for line in english for c in line) else "plain"), (chinese, "hei")):
        for line in lines:
            draw.text((2, y), line, fill="black", font=font(face, 13))
            y += 17
    return image


def contact_sheet(rows: list[Image.Image], columns: int) -> Image.Image:
    """Rows of different sizes in columns of equal width."""
    width = max(r.width for r in rows) + 16
    tall = [max(r.height for r in rows[i : i + columns]) + 12 for i in range(0, len(rows), columns)]
    sheet = Image.new("RGB", (columns * width, sum(tall)), "white")
    for i, row in enumerate(rows):
        sheet.paste(row, (i % columns * width, sum(tall[: i // columns])))
    return sheet


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=[*sorted(SAMPLERS), TWO_STEPS])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--preset", default="pilot")
    parser.add_argument("--split", default="train")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--columns", type=int, default=3)
    parser.add_argument("--size", type=int, default=224)
    options = parser.parse_args(arguments)
    atlas = Atlas()
    chosen, composer = preset(options.preset, atlas), Composer(atlas, options.size)
    seeds = range(options.seed, options.seed + options.count)
    if options.task == TWO_STEPS:
        samples = [sample_two_steps(seed, chosen, atlas) for seed in seeds]
    else:
        samples = [sample_task(options.task, seed, chosen, atlas, options.split) for seed in seeds]
    contact_sheet([row_of(s, composer) for s in samples], options.columns).save(options.out)
    print(np.asarray([s.difficulty for s in samples]).tolist())


if __name__ == "__main__":
    main()
