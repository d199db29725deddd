"""Training lines: texts that may be drawn and made-up ones, in training fonts, thinned, thickened, slanted and damaged; and cuts that are
no line (half lines, two lines at once), whose reading is empty."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter
from torch.nn import functional

from atelier_runtime.world.tasks.lettering import font, font_words
from atelier_runtime.world.tasks.strings import texts
from atelier_runtime.world.tasks.text import broken

from .characters import characters, is_chinese
from .strips import ink_of, ink_rows, strip

_NO_LINE_PERCENT = 14
_MADE_UP_PERCENT = 65
_EM_PX = 44


class LineSource:
    """An endless stream of (strip, its text). Equal seeds give equal streams."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._lines = {
            language: [line for text in texts(language, "train") for line in broken(text, language).split("\n")]
            for language in ("en", "zh")
        }
        self._signs = {"zh": [c for c in characters() if is_chinese(c)], "en": [c for c in characters() if not is_chinese(c) and c != " "]}
        self._fonts = {"en": font_words("latin", "train"), "zh": font_words("chinese", "train")}

    def _text(self, language: str) -> str:
        random = self._random
        if random.integers(100) >= _MADE_UP_PERCENT:
            return str(random.choice(self._lines[language]))
        signs = self._signs[language]
        if language == "zh":
            return "".join(random.choice(signs, random.integers(1, 6)))
        words = ["".join(random.choice(signs, random.integers(1, 8))) for _ in range(random.integers(1, 4))]
        return " ".join(words)[:14].strip()

    def draw(self) -> tuple[np.ndarray, str]:
        """([STRIP_PX, w] in 0..1, text; "" where the strip holds no single line)."""
        random = self._random
        language = "en" if random.integers(2) else "zh"
        word, text = str(random.choice(self._fonts[language])), self._text(language)
        if random.integers(100) >= _NO_LINE_PERCENT:
            ink = self._ink(word, [text])
            top, bottom = ink_rows(ink)
            height = bottom - top
            return strip(ink, top + height * random.normal(0, 0.025), bottom + height * random.normal(0, 0.025)), text
        if random.integers(2):
            ink = self._ink(word, [text, self._text(language)])
            return strip(ink, *ink_rows(ink)), ""
        ink = self._ink(word, [text])
        top, bottom = ink_rows(ink)
        half = (top + bottom) / 2
        return (strip(ink, top, half) if random.integers(2) else strip(ink, half, bottom)), ""

    def _ink(self, word: str, lines: list[str]) -> np.ndarray:
        random = self._random
        f = font(word, _EM_PX)
        width = round(max(f.getlength(line) for line in lines)) + 40
        canvas = Image.new("L", (width, 30 + round(_EM_PX * (0.4 + 1.16 * len(lines)))))
        pen = ImageDraw.Draw(canvas)
        for i, line in enumerate(lines):
            y = canvas.height / 2 + (i - (len(lines) - 1) / 2) * 1.16 * _EM_PX
            pen.text((width / 2, y), line, font=f, fill=255, anchor="mm")
        if random.integers(4) == 0:
            slant = random.normal(0, 0.12)
            canvas = canvas.transform(
                canvas.size, Image.Transform.AFFINE, (1, slant, -slant * canvas.height / 2, 0, 1, 0), Image.Resampling.BILINEAR
            )
        stretch = float(np.exp(random.normal(0, 0.14)))
        canvas = canvas.resize((max(16, round(canvas.width * stretch)), canvas.height), Image.Resampling.BILINEAR)
        share = self._strokes(torch.from_numpy(np.asarray(canvas, np.float32) / 255)[None, None])[0, 0].numpy()
        return ink_of(self._painted(share))

    def _strokes(self, share: torch.Tensor) -> torch.Tensor:
        """Thinner or thicker strokes, upright ones and level ones apart: fonts differ in little else that a grid of 24 rows shows."""
        random = self._random
        for axis in (2, 3):
            by = int(random.choice([-5, -3, 0, 0, 3]))
            if by:
                kernel = (abs(by), 1) if axis == 2 else (1, abs(by))
                around = (kernel[0] // 2, kernel[1] // 2)
                changed = functional.max_pool2d(share if by > 0 else -share, kernel, 1, around)
                changed = changed if by > 0 else -changed
                # Strokes that would vanish stay faint.
                share = changed if by > 0 else torch.maximum(changed, share * random.uniform(0.25, 0.7))
        return share

    def _painted(self, share: np.ndarray) -> np.ndarray:
        """Ink and ground colours far enough apart, a pattern, blur, noise."""
        random = self._random
        ground = random.uniform(0, 255, 3)
        while True:
            ink = random.uniform(0, 255, 3)
            if np.abs(ink - ground).max() > 90:
                break
        y, x = np.mgrid[: share.shape[0], : share.shape[1]]
        angle, period = random.uniform(0, np.pi), random.uniform(8, 60)
        pattern = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period) * random.uniform(0, 14)
        pixels = ground + pattern[..., None] + (ink - ground) * share[..., None]
        image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        if random.integers(2):
            image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 2.2)))
        noise = random.normal(0, 1, (*share.shape, 3)) * random.uniform(0, 12)
        return np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)
