"""Scene specifications -> pixels and ground truth. NumPy on one core; every expensive part is cached."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .backgrounds import draw_background
from .spec import BINS, SceneObject, SceneSpec
from .vocabulary import DEFAULT_ATLAS, Atlas

OBJECT_LIGHT = {"day": (1.0, 1.0, 1.0), "sunset": (1.0, 0.88, 0.8), "night": (0.76, 0.79, 0.95), "dawn": (0.97, 0.92, 0.97)}
"""Multiplied onto objects: they belong to the hour, yet keep their colour word."""
_SHADOW_OPACITY = {"day": 0.34, "sunset": 0.36, "night": 0.42, "dawn": 0.3}
_SHADOW_COLOUR = {"day": (28, 30, 46), "sunset": (58, 26, 40), "night": (6, 8, 26), "dawn": (46, 36, 60)}
_VISIBLE_ALPHA = 24


@dataclass(frozen=True, slots=True)
class _Tile:
    """A lit sprite with its contact shadow, cut to what is visible. `light` is premultiplied colour, `through` 255 - alpha."""

    left: int
    top: int
    light: np.ndarray
    through: np.ndarray

    @property
    def bytes(self) -> int:
        return self.light.nbytes + self.through.nbytes


@dataclass(frozen=True)
class ObjectTruth:
    """What is known of one drawn object; boxes in pixels (left, top, right, bottom), depth 0 is farthest."""

    concept: str
    colour: str | None
    native_colour: str | None
    box: tuple[int, int, int, int]
    visible_box: tuple[int, int, int, int] | None
    visible_mask: np.ndarray
    visible_share: float
    depth: int


class Composer:
    """Renders scenes of size_px x size_px. Not safe for use from several threads at once (its caches are plain)."""

    def __init__(self, atlas: Atlas | Path | str = DEFAULT_ATLAS, size_px: int = 256, cache_bytes: int = 900 << 20) -> None:
        self.atlas = atlas if isinstance(atlas, Atlas) else Atlas(atlas)
        self.size_px = size_px
        self._cache_bytes = cache_bytes
        self._tiles: OrderedDict[tuple, _Tile] = OrderedDict()
        self._tile_bytes = 0
        self._backgrounds: dict[tuple[str, str, int], np.ndarray] = {}

    def render(self, specs: Sequence[SceneSpec]) -> np.ndarray:
        """[len(specs), size_px, size_px, 3] uint8. Errors: UnknownConceptError."""
        out = np.empty((len(specs), self.size_px, self.size_px, 3), np.uint8)
        for picture, spec in zip(out, specs, strict=True):
            picture[:] = self.background(spec.place, spec.time, spec.variant)
            for o in spec.objects:
                self._paste(picture, self._tile(o, spec), o)
        return out

    def background(self, place: str, time: str, variant: int) -> np.ndarray:
        """[size_px, size_px, 3] uint8; treat as read-only."""
        key = (place, time, variant)
        if key not in self._backgrounds:
            self._backgrounds[key] = draw_background(place, time, variant, self.size_px)
        return self._backgrounds[key]

    def layers(self, spec: SceneSpec) -> list[tuple[_Tile, int, int]]:
        """The tiles of a scene in drawing order with the pixel of their left and top edge, which may lie outside the frame."""
        placed = []
        for o in spec.objects:
            tile, (left, top) = self._tile(o, spec), self._corner(o)
            placed.append((tile, left + tile.left, top + tile.top))
        return placed

    def truth(self, spec: SceneSpec) -> list[ObjectTruth]:
        """Boxes, visible masks and depth order, one entry per object of the spec in its order."""
        covered = np.zeros((self.size_px, self.size_px), bool)
        found: list[ObjectTruth] = []
        for depth in range(len(spec.objects) - 1, -1, -1):
            o = spec.objects[depth]
            shape = np.zeros_like(covered)
            left, top = self._corner(o)
            self._stamp(shape, self._shape(o, spec.style), left, top)
            visible = shape & ~covered
            covered |= shape
            box = _box_of(shape)
            found.append(
                ObjectTruth(
                    concept=o.concept, colour=o.colour, native_colour=self.atlas.concepts[o.concept].styles[spec.style]["native"],
                    box=box or (left, top, left, top), visible_box=_box_of(visible), visible_mask=visible,
                    visible_share=float(visible.sum() / max(1, shape.sum())), depth=depth,
                )
            )  # fmt: skip
        return found[::-1]

    def side_px(self, o: SceneObject) -> int:
        return max(1, round(o.s * self.size_px / BINS))

    def _corner(self, o: SceneObject) -> tuple[int, int]:
        bin_px = self.size_px / BINS
        return round((o.x - o.s / 2) * bin_px), round((o.y - o.s / 2) * bin_px)

    def sprite(self, o: SceneObject, style: str) -> np.ndarray:
        """The object's sprite at its size, flipped and turned, unlit: [side, side, 4] uint8, straight alpha."""
        rgba = self.atlas.sprite(o.concept, style, o.colour)
        image = Image.fromarray(rgba)
        if o.flip:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if o.rotation:
            image = image.rotate(-o.rotation, Image.Resampling.BICUBIC)
        side = self.side_px(o)
        # Pillow premultiplies alpha itself while resizing, so clear pixels bleed no colour into edges.
        return np.asarray(image.resize((side, side), Image.Resampling.LANCZOS))

    def _shape(self, o: SceneObject, style: str) -> np.ndarray:
        return self.sprite(o, style)[..., 3] > 127

    def _stamp(self, target: np.ndarray, shape: np.ndarray, left: int, top: int) -> None:
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(self.size_px, left + shape.shape[1]), min(self.size_px, top + shape.shape[0])
        if x1 > x0 and y1 > y0:
            target[y0:y1, x0:x1] |= shape[y0 - top : y1 - top, x0 - left : x1 - left]

    def _tile(self, o: SceneObject, spec: SceneSpec) -> _Tile:
        ground = self._footing(o, spec)
        key = (o.concept, spec.style, o.colour, o.s, o.flip, o.rotation, spec.time, ground)
        tile = self._tiles.get(key)
        if tile is not None:
            self._tiles.move_to_end(key)
            return tile
        tile = _build_tile(self.sprite(o, spec.style), spec.time, ground)
        self._tiles[key] = tile
        self._tile_bytes += tile.bytes
        while self._tile_bytes > self._cache_bytes:
            _, old = self._tiles.popitem(last=False)
            self._tile_bytes -= old.bytes
        return tile

    def _footing(self, o: SceneObject, spec: SceneSpec) -> str:
        placement = self.atlas.concepts[o.concept].placement
        if placement == "sky":
            return "air"
        return "water" if placement == "water" and spec.place == "beach" and o.y + o.s / 2 <= 46 else "ground"

    def _paste(self, picture: np.ndarray, tile: _Tile, o: SceneObject) -> None:
        corner_x, corner_y = self._corner(o)
        left, top = corner_x + tile.left, corner_y + tile.top
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(self.size_px, left + tile.light.shape[1]), min(self.size_px, top + tile.light.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
        target = picture[y0:y1, x0:x1]
        # target * through / 255, rounded, in 16-bit integers: v + 128, then (v + v / 256) / 256.
        mixed = np.multiply(target, tile.through[part], dtype=np.uint16)
        mixed += 128
        mixed += mixed >> 8
        mixed >>= 8
        np.add(mixed, tile.light[part], out=target, casting="unsafe")


def _box_of(mask: np.ndarray) -> tuple[int, int, int, int] | None:
    rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
    return (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1) if rows.size else None


def _build_tile(rgba: np.ndarray, time: str, footing: str) -> _Tile:
    """Light the sprite, lay it over its contact shadow (or ring of foam), cut to the visible part."""
    side = rgba.shape[0]
    pad = side // 6
    alpha = np.zeros((side + pad, side + 2 * pad), np.float32)
    colour = np.zeros((*alpha.shape, 3), np.float32)
    alpha[:side, pad : pad + side] = rgba[..., 3] / np.float32(255)
    lit = rgba[..., :3] * np.array(OBJECT_LIGHT[time], np.float32)
    colour[:side, pad : pad + side] = lit * (rgba[..., 3:] / np.float32(255))
    under = _contact(alpha, side, footing) * _SHADOW_OPACITY[time]
    shade = (255, 255, 255) if footing == "water" else _SHADOW_COLOUR[time]
    clear = 1 - alpha
    colour += (clear * under)[..., None] * np.array(shade, np.float32)
    alpha = alpha + clear * under
    box = _box_of(alpha > 1 / 255) or (0, 0, 1, 1)
    left, top, right, bottom = box
    through = 255 - np.round(alpha[top:bottom, left:right] * 255).astype(np.uint8)
    light = np.minimum(np.round(colour[top:bottom, left:right]), 255 - through[..., None]).astype(np.uint8)
    return _Tile(left - pad, top, light, np.repeat(through[..., None], 3, axis=2))


def _contact(alpha: np.ndarray, side: int, footing: str) -> np.ndarray:
    """Soft ellipse under the part of the object that touches the ground, as wide as its feet: [h, w] in 0..1."""
    if footing == "air":
        return np.zeros_like(alpha)
    rows = np.nonzero((alpha[:side] > 0.3).any(1))[0]
    if rows.size == 0:
        return np.zeros_like(alpha)
    base = rows[-1] + 1
    feet = np.nonzero((alpha[max(0, base - max(2, side // 9)) : base] > 0.3).any(0))[0]
    centre, half = (feet[0] + feet[-1] + 1) / 2, max((feet[-1] + 1 - feet[0]) / 2, side * 0.1)
    radius_x, radius_y = half * 1.18 + side * 0.02, max(1.5, side * 0.05 + half * 0.05)
    y, x = np.mgrid[: alpha.shape[0], : alpha.shape[1]].astype(np.float32) + 0.5
    distance = ((x - centre) / radius_x) ** 2 + ((y - (base - radius_y * 0.25)) / radius_y) ** 2
    return np.clip(1.15 - distance, 0, 1) ** (0.8 if footing == "ground" else 1.6)
