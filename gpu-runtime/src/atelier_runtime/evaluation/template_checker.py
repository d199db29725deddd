"""A judge without learning: compares pictures with the world's own sprites by shape, then reads the colour."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from PIL import Image, ImageFilter

from atelier_runtime.world.colour import WORDS, colour_words
from atelier_runtime.world.compose import OBJECT_LIGHT, Composer
from atelier_runtime.world.spec import BINS, SceneObject, SceneSpec
from atelier_runtime.world.vocabulary import Atlas, Preset

from .descriptor import CELL_PX, CELLS, MARGIN, WINDOW_PX, TemplateBank, cell_grid

_JITTER = (-0.06, 0.0, 0.06)
_OFF_WEIGHT = 0.25
"""Weight of window cells without template structure: clutter there speaks against a match, but softly."""
MIN_CORRELATION = 0.7
MIN_CONTRAST = 0.5
"""Below this the pattern is too faint to be drawn: a blurred patch correlates a little, at a fraction of the strength."""


MIN_BEYOND_GROUND = 0.5
"""Share of what the bare ground leaves unexplained; a skyline behind a small thing already looks a little like the scene."""
FIND_CORRELATION = 0.67
"""Lower than in an asked square: ground, colour and exact place are unknown here."""
FAINT_CORRELATION = 0.5
"""From here on a thing may be there, half hidden or before a busy ground: worth a second look at its very place."""
MOST_SHARED = 0.35
"""Two squares that share more of the smaller one hold one thing."""
_MOST_CANDIDATES = 28
_SMOOTHING_PX = 0.8
"""Before searching: fine texture of grounds looks like the outline of something small."""


@dataclasses.dataclass(frozen=True, slots=True)
class BoxVerdict:
    """What stands in an asked square: `present` demands best concept of all, correlation and contrast."""

    present: bool
    best: str
    correlation: float
    contrast: float
    colour: str | None
    x: float
    y: float


@dataclasses.dataclass(frozen=True, slots=True)
class Detection:
    """A thing found anywhere: centre and side in bins."""

    concept: str
    x: float
    y: float
    s: float
    correlation: float


class TemplateChecker:
    """Judges pictures of one preset. Pictures are [size, size, 3] uint8; `composer` has the same size."""

    def __init__(self, atlas: Atlas, preset: Preset, composer: Composer) -> None:
        self._atlas, self._preset, self._composer = atlas, preset, composer

    def check_box(self, picture: np.ndarray, spec: SceneSpec, index: int) -> BoxVerdict:
        """Is object `index` of the spec drawn in its square, and which colour has it there?"""
        o = spec.objects[index]
        bank, row, empty = self._box_bank(dataclasses.replace(spec, objects=(o,)))
        shifts = [(dx * o.s, dy * o.s) for dy in _JITTER for dx in _JITTER]
        windows = np.stack([cell_grid(self._window(picture, o.x + dx, o.y + dy, o.s)) for dx, dy in shifts])
        correlation, contrast = bank.scores(windows)
        best_shift = int(correlation[:, row].argmax())
        rival = int(correlation.max(0).argmax())
        r, c = float(correlation[best_shift, row]), float(contrast[best_shift, row])
        beyond_ground = r - empty >= MIN_BEYOND_GROUND * (1 - empty)
        present = rival == row and r >= MIN_CORRELATION and c >= MIN_CONTRAST and beyond_ground
        dx, dy = shifts[best_shift]
        x, y = o.x + dx, o.y + dy
        return BoxVerdict(present, self._preset.concepts[rival], r, c, self.colour_at(picture, spec, o, x, y), x, y)

    def find_all(self, picture: np.ndarray, style: str, least: float = FIND_CORRELATION) -> list[Detection]:
        """Everything recognised anywhere in the picture, best first, without overlaps; `least` correlation of its shape."""
        bank = self._style_bank(style)
        smooth = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(_SMOOTHING_PX * picture.shape[0] / 256)))
        candidates = [c for side in self._preset.sides for c in self._candidates(smooth, side, bank)]
        candidates.sort(key=lambda c: -c.correlation)
        found = [better for c in candidates[:_MOST_CANDIDATES] if (better := self._refined(smooth, c, bank, least))]
        return without_overlaps(found)

    def _candidates(self, picture: np.ndarray, side: int, bank: TemplateBank) -> list[Detection]:
        """Sliding search at one size, one cell a step."""
        grid, origin, step = self._pyramid_level(picture, side)
        rows, columns = grid.shape[0] - CELLS + 1, grid.shape[1] - CELLS + 1
        windows = np.lib.stride_tricks.sliding_window_view(grid, (CELLS, CELLS), axis=(0, 1)).transpose(0, 1, 3, 4, 2)
        correlation, contrast = bank.scores(np.ascontiguousarray(windows).reshape(rows * columns, CELLS, CELLS, -1))
        best = correlation.argmax(1)
        at = np.arange(best.size)
        found = []
        for i in np.nonzero((correlation[at, best] >= FAINT_CORRELATION) & (contrast[at, best] >= MIN_CONTRAST * 0.8))[0]:
            row, column = divmod(int(i), columns)
            x, y = origin + (column + CELLS / 2) * step, origin + (row + CELLS / 2) * step
            found.append(Detection(self._preset.concepts[best[i]], x, y, side, float(correlation[i, best[i]])))
        return without_overlaps(found, 0.8)

    def _refined(self, picture: np.ndarray, coarse: Detection, bank: TemplateBank, least: float) -> Detection | None:
        """The best of nine half-cell shifts, when it is good enough."""
        half = coarse.s * (1 + 2 * MARGIN) / CELLS / 2
        shifts = [(dx, dy) for dy in (-half, 0, half) for dx in (-half, 0, half)]
        correlation, contrast = bank.scores(
            np.stack([cell_grid(self._window(picture, coarse.x + dx, coarse.y + dy, coarse.s)) for dx, dy in shifts])
        )
        row, column = divmod(int(correlation.argmax()), correlation.shape[1])
        if correlation[row, column] < least or contrast[row, column] < MIN_CONTRAST * 0.8:
            return None
        dx, dy = shifts[row]
        return Detection(self._preset.concepts[column], coarse.x + dx, coarse.y + dy, coarse.s, float(correlation[row, column]))

    def _window(self, picture: np.ndarray, x: float, y: float, s: float) -> np.ndarray:
        """[WINDOW_PX, WINDOW_PX, 3] view of a square with its margin, bins; the frame's edge is repeated outside."""
        size = picture.shape[0]
        pad = size // 4
        padded = np.pad(picture, ((pad, pad), (pad, pad), (0, 0)), mode="edge")
        unit, half = size / BINS, s * (0.5 + MARGIN)
        box = [(x - half) * unit + pad, (y - half) * unit + pad, (x + half) * unit + pad, (y + half) * unit + pad]
        return np.asarray(Image.fromarray(padded).resize((WINDOW_PX, WINDOW_PX), Image.Resampling.BILINEAR, box=tuple(box)))

    @functools.lru_cache(maxsize=2048)  # noqa: B019 - a checker lives as long as its benchmark
    def _box_bank(self, spec: SceneSpec) -> tuple[TemplateBank, int, float]:
        """Every concept drawn in the asked square on the asked ground, the row of the asked one, and how much the bare
        ground alone correlates with it."""
        (o,) = spec.objects
        rivals = [self._in_place_of(o, concept, spec.style) for concept in self._preset.concepts]
        pictures = self._composer.render([dataclasses.replace(spec, objects=(rival,)) for rival in rivals])
        descriptors = np.stack([cell_grid(self._window(picture, o.x, o.y, o.s)) for picture in pictures])
        weights = np.stack([self._weights(rival, spec.style) for rival in rivals])
        bank, row = TemplateBank(descriptors, weights), self._preset.concepts.index(o.concept)
        ground = self._composer.background(spec.place, spec.time, spec.variant)
        correlation, _ = bank.scores(cell_grid(self._window(ground, o.x, o.y, o.s))[None])
        return bank, row, max(0.0, float(correlation[0, row]))

    def _in_place_of(self, o: SceneObject, concept: str, style: str) -> SceneObject:
        """The same square with another concept, in the same colour where it has it."""
        colour = o.colour if o.colour in self._atlas.concepts[concept].colours(style) else None
        return dataclasses.replace(o, concept=concept, colour=colour if concept != o.concept else o.colour)

    def _weights(self, o: SceneObject, style: str) -> np.ndarray:
        """[CELLS, CELLS]: 1 on the object and its outline, less elsewhere."""
        alpha = self._composer.sprite(o, style)[..., 3]
        side = alpha.shape[0]
        pad = round(side * MARGIN)
        canvas = Image.new("L", (side + 2 * pad, side + 2 * pad), 0)
        canvas.paste(Image.fromarray(alpha), (pad, pad))
        cover = np.asarray(canvas.resize((CELLS, CELLS), Image.Resampling.BOX), np.float32) / 255
        grown = cover.copy()
        for axis in (0, 1):
            for shift in (-1, 1):
                grown = np.maximum(grown, np.roll(cover, shift, axis))
        return np.where(grown > 0.15, 1.0, _OFF_WEIGHT).astype(np.float32)

    @functools.lru_cache(maxsize=8)  # noqa: B019
    def _style_bank(self, style: str) -> TemplateBank:
        """Every concept in its own colours over three plain grounds, averaged: position and place unknown."""
        side = WINDOW_PX / (1 + 2 * MARGIN)
        descriptors, weights = [], []
        for concept in self._preset.concepts:
            o = SceneObject(concept, None, 0, 0, max(1, round(side * BINS / self._composer.size_px)))
            sprite = Image.fromarray(self._atlas.sprite(concept, style)).resize((round(side), round(side)), Image.Resampling.LANCZOS)
            views = []
            for ground in ((205, 225, 240), (120, 165, 105), (45, 55, 90)):
                view = Image.new("RGB", (WINDOW_PX, WINDOW_PX), ground)
                offset = (WINDOW_PX - round(side)) // 2
                view.paste(sprite, (offset, offset), sprite)
                views.append(cell_grid(np.asarray(view)))
            descriptors.append(np.mean(views, 0))
            weights.append(self._weights(o, style))
        return TemplateBank(np.stack(descriptors), np.stack(weights))

    def _pyramid_level(self, picture: np.ndarray, side: int) -> tuple[np.ndarray, float, float]:
        """Cells of the picture scaled so that a window holds a square of `side` bins: (grid, first bin, bins a cell)."""
        step = side * (1 + 2 * MARGIN) / CELLS
        cells = int(np.ceil(BINS / step)) + 4
        origin = BINS / 2 - cells * step / 2
        size = picture.shape[0]
        pad = size // 2
        padded = np.pad(picture, ((pad, pad), (pad, pad), (0, 0)), mode="edge")
        unit = size / BINS
        low, high = origin * unit + pad, (origin + cells * step) * unit + pad
        scaled = Image.fromarray(padded).resize((cells * CELL_PX, cells * CELL_PX), Image.Resampling.BILINEAR, box=(low, low, high, high))
        return cell_grid(np.asarray(scaled)), origin, step

    def colour_at(self, picture: np.ndarray, spec: SceneSpec, o: SceneObject, x: float, y: float) -> str | None:
        """Majority colour word where the sprite of `o`, centred at (x, y) bins, would be painted; seen without the tint of the hour."""
        sprite = self._composer.sprite(o, spec.style)
        unit = self._composer.size_px / BINS
        left, top = round((x - o.s / 2) * unit), round((y - o.s / 2) * unit)
        rows, columns = np.nonzero(sprite[..., 3] > 200)
        inside = (rows + top >= 0) & (rows + top < picture.shape[0]) & (columns + left >= 0) & (columns + left < picture.shape[1])
        if not inside.any():
            return None
        pixels = picture[rows[inside] + top, columns[inside] + left].astype(np.float32)
        unlit = np.clip(pixels / np.array(OBJECT_LIGHT[spec.time], np.float32), 0, 255)
        counts = np.bincount(colour_words(unlit), minlength=len(WORDS))
        return WORDS[int(counts.argmax())]


def without_overlaps(found: list[Detection], most: float = MOST_SHARED) -> list[Detection]:
    kept: list[Detection] = []
    for d in sorted(found, key=lambda d: -d.correlation):
        if all(shared(d, k) <= most for k in kept):
            kept.append(d)
    return kept


def shared(a: Detection | SceneObject, b: Detection | SceneObject) -> float:
    """Overlap of two squares as a share of the smaller."""
    width = min(a.x + a.s / 2, b.x + b.s / 2) - max(a.x - a.s / 2, b.x - b.s / 2)
    height = min(a.y + a.s / 2, b.y + b.s / 2) - max(a.y - a.s / 2, b.y - b.s / 2)
    return width * height / min(a.s, b.s) ** 2 if width > 0 and height > 0 else 0.0
