"""What is measured beside the questions: was the edit done, did the rest stay, are outlines followed, is the writing right."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from PIL import Image, ImageFilter

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.spec import BINS, SceneSpec
from atelier_runtime.world.tasks.control_maps import edge_map
from atelier_runtime.world.tasks.knowledge.chart import Chart
from atelier_runtime.world.tasks.knowledge.diagram import Diagram
from atelier_runtime.world.tasks.knowledge.formula import Formula
from atelier_runtime.world.tasks.knowledge.interface import Interface
from atelier_runtime.world.tasks.pictures import Box, Picture
from atelier_runtime.world.tasks.text import TextPicture, broken

from ..autoencoder import psnr_db
from ..descriptor import CELL_PX, cell_grid

LOCALITY_DB = 30.0
"""PSNR outside the edit box from which the rest counts as untouched; a good autoencoder alone reaches about that."""
MOST_TINT = 0.06
"""Largest change of brightness of a colour channel over all that must stay: noise has none, a filter over the picture has.
Autoencoding alone: at most 0.055 in 40 references, 0.024 in 38 of them."""
_TINT_FLOOR = 24.0
MOST_BLOCK_RMSE = 36.0
"""Grey levels, in a block of 8 x 8 bins that must stay; autoencoding alone: at most 29."""
_BLOCK_BINS = 8
_CLEAR_DIFFERENCE = 24
_LEAST_OVERLAP = 0.001
"""Share of the picture that must look different when two things change their order; less says nothing."""
_LEAST_KEPT_OF_BLOCK = 0.3
EDGE_TOLERANCE = 0.008
"""Share of the side by which an outline may be off."""
MIN_READ = 0.6
"""Least correlation of outlines with the asked writing, and ...
"""
MIN_LEAD = 0.02
"""... least lead over every other writing."""


def edit_done(picture: np.ndarray, before: np.ndarray, after: np.ndarray, boxes: tuple[Box, ...] | None) -> bool:
    """Inside the edit boxes (everywhere without), is the picture nearer to the asked result than to what was there?
    Counted over the pixels that the true edit changes, so that a small object in a large box matters."""
    inside = np.ones(picture.shape[:2], bool) if boxes is None else np.zeros(picture.shape[:2], bool)
    for left, top, right, bottom in boxes or ():
        unit = picture.shape[0] / BINS
        inside[int(top * unit) : int(np.ceil(bottom * unit)), int(left * unit) : int(np.ceil(right * unit))] = True
    changed = inside & (np.abs(before.astype(int) - after).max(-1) > 12)
    if not changed.any():
        return True
    p, b, a = (x[changed].astype(np.float32) for x in (picture, before, after))
    return float(np.abs(p - a).mean()) < 0.5 * float(np.abs(b - a).mean())


def locality_db(picture: np.ndarray, before: np.ndarray, keep: np.ndarray) -> float:
    """PSNR against the reference where nothing may change; 99 when equal."""
    return psnr_db(before[keep], picture[keep])


def is_untouched(picture: np.ndarray, before: np.ndarray, keep: np.ndarray) -> bool:
    """Does everything outside the edit look as before? Three ways to fail: much error in all (PSNR), a tint that a dark
    picture's PSNR hides, and one spot where something else is, which a large picture's PSNR hides."""
    if locality_db(picture, before, keep) < LOCALITY_DB:
        return False
    b, p = before[keep].astype(np.float64), picture[keep].astype(np.float64)
    # Least squares p = gain * b, per channel; channels that are nearly black everywhere say nothing about a gain.
    power = (b * b).sum(0)
    gain = np.where(power > len(b) * _TINT_FLOOR**2, (b * p).sum(0) / np.maximum(power, 1), 1)
    if np.abs(gain - 1).max() > MOST_TINT:
        return False
    return _worst_block_rmse(picture, before, keep) <= MOST_BLOCK_RMSE


def _worst_block_rmse(picture: np.ndarray, before: np.ndarray, keep: np.ndarray) -> float:
    blocks, size = BINS // _BLOCK_BINS, picture.shape[0]
    shape = (blocks, size // blocks, blocks, size // blocks)
    error = ((picture.astype(np.float64) - before) ** 2).mean(-1) * keep
    kept = keep.reshape(shape).sum((1, 3))
    whole = kept >= _LEAST_KEPT_OF_BLOCK * (size // blocks) ** 2
    return float(np.sqrt((error.reshape(shape).sum((1, 3)) / np.maximum(kept, 1))[whole].max(initial=0.0)))


def edge_f1(picture: np.ndarray, control: np.ndarray) -> float:
    """F1 of the picture's outlines and the asked ones, either allowed to be off by EDGE_TOLERANCE of the side."""
    drawn, asked = edge_map(picture), control.max(-1) > 127
    reach = max(1, round(EDGE_TOLERANCE * picture.shape[0]))
    near_asked, near_drawn = _grown(asked, reach), _grown(drawn, reach)
    precision = (drawn & near_asked).sum() / max(1, drawn.sum())
    recall = (asked & near_drawn).sum() / max(1, asked.sum())
    return float(2 * precision * recall / max(1e-9, precision + recall))


def _grown(mask: np.ndarray, px: int) -> np.ndarray:
    return np.asarray(Image.fromarray((mask * 255).astype(np.uint8)).filter(ImageFilter.MaxFilter(2 * px + 1))) > 0


def depth_orders(picture: np.ndarray, spec: SceneSpec, composer: Composer) -> list[bool]:
    """For every two things that overlap: does the nearer one cover the other? The picture is compared with the true scene
    and with the scene in which the two change their order, over the pixels where these differ."""
    true, orders = composer.render([spec])[0].astype(np.float32), []
    boxes = [t.box for t in composer.truth(spec)]
    for behind, nearer in itertools.combinations(range(len(spec.objects)), 2):
        if not _meet(boxes[behind], boxes[nearer]):
            continue
        objects = list(spec.objects)
        objects[behind], objects[nearer] = objects[nearer], objects[behind]
        turned = composer.render([replace(spec, objects=tuple(objects))])[0].astype(np.float32)
        where = np.abs(true - turned).max(-1) > _CLEAR_DIFFERENCE
        if where.sum() >= _LEAST_OVERLAP * where.size:
            drawn = picture[where].astype(np.float32)
            orders.append(bool(np.abs(drawn - true[where]).mean() < np.abs(drawn - turned[where]).mean()))
    return orders


def _meet(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])


class TemplateReader:
    """Reads writing and values by comparison: the asked picture against the same picture with something else written."""

    def __init__(self, composer: Composer) -> None:
        self._composer = composer

    def reads(self, picture: np.ndarray, asked: Picture, rivals: list[Picture]) -> bool:
        """Do the outlines of `picture` agree with `asked`, and better than with each rival, where those differ from it?"""
        wanted = asked.paint(self._composer)
        seen = _outlines(picture)
        for rival in rivals:
            other = rival.paint(self._composer)
            where = _cells(np.abs(wanted.astype(int) - other).max(-1) > 40)
            if not where.any():
                continue
            mine, theirs = (_correlation(seen, _outlines(p), where) for p in (wanted, other))
            if mine < MIN_READ or mine - theirs < MIN_LEAD:
                return False
        return True


def _outlines(picture: np.ndarray) -> np.ndarray:
    side = picture.shape[0] // CELL_PX * CELL_PX
    return cell_grid(picture[:side, :side])


def _cells(mask: np.ndarray) -> np.ndarray:
    side = mask.shape[0] // CELL_PX * CELL_PX
    return mask[:side, :side].reshape(side // CELL_PX, CELL_PX, side // CELL_PX, CELL_PX).any((1, 3))


def _correlation(a: np.ndarray, b: np.ndarray, where: np.ndarray) -> float:
    x, y = a[where].ravel(), b[where].ravel()
    x, y = x - x.mean(), y - y.mean()
    return float((x @ y) / max(1e-9, np.sqrt((x @ x) * (y @ y))))


def rewritten(picture: TextPicture, text: str) -> TextPicture:
    """The same picture with another text, broken into lines like the first."""
    language = "zh" if any(ord(c) >= 0x2E80 for c in text) else "en"
    return replace(picture, text=broken(text, language))


def altered(picture: Picture) -> Picture:
    """A knowledge picture with one fact changed: two values exchanged, an arrow turned, a sign or a label changed."""
    if isinstance(picture, Chart):
        values = list(picture.values)
        low, high = values.index(min(values)), values.index(max(values))
        values[low], values[high] = values[high], values[low]
        return replace(picture, values=tuple(values))
    if isinstance(picture, Diagram):
        (a, b), *rest = picture.edges
        return replace(picture, edges=((b, a), *rest))
    if isinstance(picture, Formula):
        return replace(picture, parts=_other_signs(picture.parts))
    if isinstance(picture, Interface):
        first, *rest = picture.items
        return replace(picture, items=(first[::-1].capitalize(), *rest), title=picture.title[::-1])
    raise TypeError(f"no knowledge picture: {type(picture).__name__}")


_SIGNS = {"+": "−", "−": "+", "±": "−", "=": "≠"}


def _other_signs(part: object) -> object:
    if isinstance(part, str):
        return "".join(_SIGNS.get(c, str((int(c) + 3) % 10) if c.isdigit() else c) for c in part)
    kind, *inner = part  # type: ignore[misc]
    return (kind, *(_other_signs(p) for p in inner))
