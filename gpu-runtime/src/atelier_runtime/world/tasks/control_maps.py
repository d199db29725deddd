"""What control tasks show instead of the picture: outlines, depth, a hand-drawn sketch. Exact functions of the scene."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..compose import Composer
from ..rng import Rng, mix
from ..sample import GROUND_TOP
from ..spec import BINS, SceneSpec
from .looks import outline

EDGE_THRESHOLD = 0.42


def edge_map(picture: np.ndarray) -> np.ndarray:
    """bool [h, w]: outlines of a picture, thinned to the crest of the gradient (non-maximum suppression as in Canny 1986)."""
    smooth = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(picture.shape[0] * 0.0045)), np.float32)
    gx, gy = np.zeros_like(smooth), np.zeros_like(smooth)
    gx[:, 1:-1] = smooth[:, 2:] - smooth[:, :-2]
    gy[1:-1] = smooth[2:] - smooth[:-2]
    strongest = (gx * gx + gy * gy).argmax(-1)[..., None]
    gx, gy = np.take_along_axis(gx, strongest, -1)[..., 0], np.take_along_axis(gy, strongest, -1)[..., 0]
    size = np.hypot(gx, gy)
    padded = np.pad(size, 1)
    h, w = size.shape
    horizontal = np.abs(gx) > 2.4 * np.abs(gy)
    vertical = np.abs(gy) > 2.4 * np.abs(gx)
    falling = (gx > 0) == (gy > 0)

    def at(dy: int, dx: int) -> np.ndarray:
        return padded[1 + dy : 1 + dy + h, 1 + dx : 1 + dx + w]

    before = np.where(horizontal, at(0, -1), np.where(vertical, at(-1, 0), np.where(falling, at(-1, -1), at(-1, 1))))
    after = np.where(horizontal, at(0, 1), np.where(vertical, at(1, 0), np.where(falling, at(1, 1), at(1, -1))))
    return (size >= before) & (size > after) & (outline(picture) > EDGE_THRESHOLD)


def paint_edges(spec: SceneSpec, composer: Composer) -> np.ndarray:
    """White outlines on black; lines keep their width at every size."""
    lines = edge_map(composer.render([spec])[0])
    if composer.size_px >= 192:
        lines = lines | np.roll(lines, 1, 0) | np.roll(lines, 1, 1)
    return np.repeat((lines * 255).astype(np.uint8)[..., None], 3, -1)


def depth_levels(spec: SceneSpec, composer: Composer) -> np.ndarray:
    """float32 [size, size], 0 farthest to 1 nearest: the ground rises towards the viewer, a thing has the depth of its foot."""
    size = composer.size_px
    top = float(GROUND_TOP[spec.place])
    rows = (np.arange(size, dtype=np.float32) + 0.5) * BINS / size
    horizon = top - 9
    ground = np.where(rows < horizon, 0.06, 0.12 + 0.78 * np.clip((rows - horizon) / (BINS - horizon), 0, 1) ** 0.8)
    depth = np.repeat(ground[:, None], size, 1)
    for o, truth in zip(spec.objects, composer.truth(spec), strict=True):
        if composer.atlas.concepts[o.concept].placement == "sky" and spec.place != "table":
            level = 0.22
        else:
            foot = o.y + o.s / 2
            level = 0.16 + 0.78 * float(np.clip((foot - horizon) / (BINS - horizon), 0, 1)) ** 0.8
        depth[truth.visible_mask] = level
    return depth


def paint_depth(spec: SceneSpec, composer: Composer) -> np.ndarray:
    """Near is bright."""
    return np.repeat((depth_levels(spec, composer) * 255).astype(np.uint8)[..., None], 3, -1)


def paint_sketch(spec: SceneSpec, composer: Composer) -> np.ndarray:
    """A quick pencil drawing: shaky outlines of the things with a few inner lines, the horizon, on white paper."""
    size, rng = composer.size_px, Rng(mix(spec.seed, 0x5CE7))
    scale = 2
    sheet = Image.new("L", (size * scale, size * scale), 255)
    draw = ImageDraw.Draw(sheet)
    width = max(2, round(size * scale / 200))
    _horizon(draw, spec, size * scale, width, rng)
    for o, truth in zip(spec.objects, composer.truth(spec), strict=True):
        sprite = composer.sprite(o, spec.style)
        inside = np.zeros((size, size), bool)
        inner = _inner_lines(sprite)
        left, top = round((o.x - o.s / 2) * size / BINS), round((o.y - o.s / 2) * size / BINS)
        y0, x0, y1, x1 = max(0, top), max(0, left), min(size, top + inner.shape[0]), min(size, left + inner.shape[1])
        inside[y0:y1, x0:x1] = inner[y0 - top : y1 - top, x0 - left : x1 - left]
        # The paper inside a thing is white again: what is behind it was drawn before it.
        whole = Image.fromarray((truth.visible_mask * 255).astype(np.uint8)).resize(sheet.size)
        sheet.paste(255, (0, 0), whole)
        strokes = _outline_of(truth.visible_mask) | (inside & truth.visible_mask)
        shaken = _shaken(strokes, rng, size)
        grown = Image.fromarray((shaken * 255).astype(np.uint8)).resize(sheet.size, Image.Resampling.BILINEAR)
        level = np.asarray(grown.filter(ImageFilter.MaxFilter(3)), np.float32) / 255
        sheet.paste(70, (0, 0), Image.fromarray((np.clip(level, 0, 1) * 235).astype(np.uint8)))
    grey = np.asarray(sheet.resize((size, size), Image.Resampling.BOX), np.float32)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, -1)


def _outline_of(mask: np.ndarray) -> np.ndarray:
    inner = mask.copy()
    for axis in (0, 1):
        for shift in (-1, 1):
            inner &= np.roll(mask, shift, axis)
    return mask & ~inner


def _inner_lines(sprite: np.ndarray) -> np.ndarray:
    """The strongest lines inside a sprite, so that a face stays a face."""
    white = np.full((*sprite.shape[:2], 3), 255, np.float32)
    alpha = sprite[..., 3:].astype(np.float32) / 255
    flat = (sprite[..., :3] * alpha + white * (1 - alpha)).astype(np.uint8)
    if flat.shape[0] < 8:
        return np.zeros(flat.shape[:2], bool)
    return edge_map(flat) & (sprite[..., 3] > 200) & (outline(flat) > 0.7)


def _shaken(lines: np.ndarray, rng: Rng, size: int) -> np.ndarray:
    """Moves the lines by a slow random field of at most about 1 % of the side: no hand draws exactly."""
    field = np.array([[rng.unit() - 0.5 for _ in range(2 * 7)] for _ in range(7)], np.float32).reshape(7, 7, 2)
    shifts = [
        np.asarray(Image.fromarray(field[..., k]).resize((size, size), Image.Resampling.BICUBIC), np.float32) * size * 0.02 for k in (0, 1)
    ]
    rows, columns = np.indices(lines.shape)
    from_rows = np.clip(np.rint(rows + shifts[0]), 0, size - 1).astype(int)
    from_columns = np.clip(np.rint(columns + shifts[1]), 0, size - 1).astype(int)
    return lines[from_rows, from_columns]


def _horizon(draw: ImageDraw.ImageDraw, spec: SceneSpec, px: int, width: int, rng: Rng) -> None:
    y = (GROUND_TOP[spec.place] - (0 if spec.place == "table" else 7)) / BINS * px
    points = [(px * i / 8, y + px * 0.012 * (rng.unit() - 0.5)) for i in range(9)]
    draw.line(points, fill=150, width=width, joint="curve")


CONTROL_PAINTERS = {"edges": paint_edges, "depth": paint_depth, "sketch": paint_sketch}
