"""Looks that redraw a whole picture: pixel art, ink lines, watercolour, neon lines. Plain image processing, size independent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from ..rng import Rng


def _soft(picture: np.ndarray, radius_share: float) -> np.ndarray:
    """Gaussian blur with a radius given as a share of the side: [h, w, 3] uint8 -> float32."""
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius_share * picture.shape[0])), np.float32)


def outline(picture: np.ndarray, radius_share: float = 0.004) -> np.ndarray:
    """Strength of outlines [h, w] in 0..1: saturating gradient of the slightly smoothed picture."""
    smooth = _soft(picture, radius_share)
    gx, gy = np.zeros_like(smooth), np.zeros_like(smooth)
    gx[:, 1:-1] = smooth[:, 2:] - smooth[:, :-2]
    gy[1:-1] = smooth[2:] - smooth[:-2]
    size = np.sqrt((gx * gx + gy * gy).max(-1)) * (picture.shape[0] / 256)
    return np.clip((size - 14) / 50, 0, 1)


def pixel_art(picture: np.ndarray) -> np.ndarray:
    """A grid of 64 x 64 flat squares in 40 colours."""
    size = picture.shape[0]
    small = Image.fromarray(picture).resize((64, 64), Image.Resampling.BOX)
    small = small.filter(ImageFilter.UnsharpMask(1, 90, 0)).quantize(40, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    return np.asarray(small.resize((size, size), Image.Resampling.NEAREST))


def ink(picture: np.ndarray) -> np.ndarray:
    """Dark lines on warm paper with a pale wash of the colours."""
    line = outline(picture)[..., None]
    wash = 236 + (_soft(picture, 0.012) - 200) * 0.16
    paper = np.clip(wash, 0, 250) * np.array((1.0, 0.985, 0.95), np.float32)
    return np.clip(paper * (1 - line) + np.array((38, 34, 48), np.float32) * line, 0, 255).astype(np.uint8)


def watercolour(picture: np.ndarray) -> np.ndarray:
    """Washed colour that pools at edges, on paper grain."""
    size = picture.shape[0]
    flat = np.asarray(
        Image.fromarray(picture).filter(ImageFilter.MedianFilter(_odd(size * 0.012))).filter(ImageFilter.GaussianBlur(size * 0.002)),
        np.float32,
    )
    pooled = _soft(picture, 0.016)
    edge = np.clip(np.abs(flat - pooled).max(-1) / 60, 0, 1)[..., None]
    lightened = 255 - (255 - flat) * 0.82
    grain = _grain(size)[..., None]
    return np.clip(lightened * (1 - 0.28 * edge) * (1 + 0.02 * grain) + 3 * grain, 0, 255).astype(np.uint8)


def _odd(px: float) -> int:
    return max(3, round(px) // 2 * 2 + 1)


def _grain(size: int) -> np.ndarray:
    """[size, size] in -1..1, the same paper at every size."""
    rng = Rng(0x9A9E2)
    noise = np.array([rng.next_u32() for _ in range(96 * 96)], np.uint64).astype(np.float32).reshape(96, 96) / 2**31 - 1
    fine = Image.fromarray(np.clip((noise + 1) * 127.5, 0, 255).astype(np.uint8)).resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(fine, np.float32) / 127.5 - 1


def neon(picture: np.ndarray) -> np.ndarray:
    """Glowing lines in the picture's own hues on a dark ground."""
    line = outline(picture, 0.005)[..., None]
    hue = _soft(picture, 0.01)
    vivid = hue - hue.min(-1, keepdims=True)
    vivid = 60 + 195 * vivid / np.maximum(vivid.max(-1, keepdims=True), 24)
    lines = np.clip(line * vivid, 0, 255).astype(np.uint8)
    glow = _soft(lines, 0.014) * 1.5
    return np.clip(np.array((14, 12, 32), np.float32) + hue * 0.10 + glow + lines, 0, 255).astype(np.uint8)


LOOKS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"pixel": pixel_art, "ink": ink, "watercolour": watercolour, "neon": neon}
LOOK_WORDS = {
    "pixel": {"en": ["pixel art", "8-bit pixel art", "pixelated"], "zh": ["像素画", "像素风"]},
    "ink": {"en": ["ink drawing", "line art", "pen and ink"], "zh": ["线描", "钢笔画"]},
    "watercolour": {"en": ["watercolour", "watercolor", "painted watercolour"], "zh": ["水彩", "水彩画"]},
    "neon": {"en": ["neon", "neon lines", "glowing neon"], "zh": ["霓虹", "霓虹灯"]},
}
