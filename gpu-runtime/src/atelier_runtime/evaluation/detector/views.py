"""Training views of the recogniser: single things, lit and shadowed as in scenes, over grounds, beside neighbours, damaged;
and what must not pass for a thing: smears, shuffled pieces, bare ground, parts."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from atelier_runtime.world.colour import WORDS
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.spec import SceneObject, SceneSpec
from atelier_runtime.world.vocabulary import TIMES, Atlas, Preset

from .networks import VIEW_MARGIN, VIEW_PX

_SIDE = 64
_CANVAS = 96
_INSET = (_CANVAS - _SIDE) // 2
_OBJECT_BINS = 16
_COLOURED_PERCENT = 60
_PIECES = (2, 3, 4, 5)


@dataclass(frozen=True)
class Views:
    """pixels [B, 3, VIEW_PX, VIEW_PX] in 0..1; real [B] 0 or 1; concept [B], -1 where not real; colour [B], -1 where unknown."""

    pixels: Tensor
    real: Tensor
    concept: Tensor
    colour: Tensor


class ViewSource:
    """A bank of rendered things, slowly renewed; batches are drawn from it. `favourites` are drawn `favour` times as often."""

    def __init__(
        self, atlas: Atlas, preset: Preset, batch: int, favourites: tuple[str, ...] = (), favour: float = 3.0, seed: int = 0
    ) -> None:
        self._atlas, self._preset, self._batch = atlas, preset, batch
        self._random = np.random.default_rng(seed)
        self._composer = Composer(atlas, 256, cache_bytes=1)
        weights = np.array([favour if c in favourites else 1.0 for c in preset.concepts])
        self._weights = weights / weights.sum()
        self._bank = np.zeros((len(preset.concepts) * len(preset.styles), _CANVAS, _CANVAS, 4), np.uint8)
        self._kept = [self._draw(i) for i in range(len(self._bank))]
        self._grounds = torch.from_numpy(
            np.stack([self._composer.background(p, t, v) for p in preset.places for t in preset.times for v in range(preset.variants)])
        ).permute(0, 3, 1, 2)

    def _draw(self, slot: int) -> tuple[int, tuple[float, float, float, float], bool]:
        """Renders a thing anew into its slot: random colour, hour and footing; returns (colour, content box, flipped)."""
        random = self._random
        which, style_index = divmod(slot, len(self._preset.styles))
        concept_id, style = self._preset.concepts[which], self._preset.styles[style_index]
        concept = self._atlas.concepts[concept_id]
        able = [c for c in concept.colours(style) if c in self._preset.colours]
        colour = able[random.integers(len(able))] if able and random.integers(100) < _COLOURED_PERCENT else None
        flip = bool(self._preset.flips and random.integers(2))
        place = concept.places[random.integers(len(concept.places))]
        thing = SceneObject(concept_id, colour, 32, 36 if place == "beach" else 50, _OBJECT_BINS, flip)
        spec = SceneSpec(self._preset.name, 0, "train", style, place, TIMES[random.integers(len(TIMES))], 0, (thing,))
        tile = self._composer._tile(thing, spec)
        canvas = self._bank[slot]
        canvas[..., :3], canvas[..., 3] = 0, 255
        y0, x0 = tile.top + _INSET, tile.left + _INSET
        h, w = min(tile.light.shape[0], _CANVAS - y0), min(tile.light.shape[1], _CANVAS - x0)
        canvas[y0 : y0 + h, x0 : x0 + w, :3] = tile.light[:h, :w]
        canvas[y0 : y0 + h, x0 : x0 + w, 3] = tile.through[:h, :w, 0]
        word = colour or concept.styles[style]["native"]
        left, top, right, bottom = self._atlas.content_box(concept_id, style)
        if flip:
            left, right = 1 - right, 1 - left
        return WORDS.index(word) if word in WORDS else -1, (left, top, right, bottom), flip

    def batch(self, renew: int = 6) -> Views:
        random, size = self._random, self._batch
        which = random.choice(len(self._weights), size, p=self._weights)
        slots = which * len(self._preset.styles) + random.integers(len(self._preset.styles), size=size)
        for slot in slots[:renew]:
            self._kept[slot] = self._draw(int(slot))
        kept = [self._kept[slot] for slot in slots]
        things = torch.from_numpy(self._bank[slots]).permute(0, 3, 1, 2).float() / 255
        boxes = torch.tensor([k[1] for k in kept], dtype=torch.float32)
        kind = random.choice(4, size, p=[0.74, 0.1, 0.09, 0.07])  # a thing, smeared, shuffled, not a whole thing
        for i in np.nonzero(kind == 2)[0]:
            things[i] = self._shuffled(things[i])
        smeared = torch.from_numpy(np.nonzero(kind == 1)[0])
        if len(smeared):
            things[smeared] = _smeared(things[smeared], float(random.uniform(5.5, 12)))
        theta = self._framing(boxes, torch.from_numpy(kind == 3))
        pixels = self._ground(size)
        beside = random.random(size) < 0.4
        under = torch.from_numpy(beside & (random.random(size) < 0.6))
        over = torch.from_numpy(beside) & ~under
        neighbour, shift = self._neighbours(boxes, theta)
        pixels = _laid_over(pixels, neighbour, shift, under)
        pixels = _laid_over(pixels, things, theta, torch.ones(size, dtype=torch.bool))
        pixels = _laid_over(pixels, neighbour, shift, over)
        real = torch.from_numpy(kind == 0)
        concept = torch.where(real, torch.from_numpy(which), torch.tensor(-1))
        colour = torch.where(real, torch.tensor([k[0] for k in kept]), torch.tensor(-1))
        return Views(self._damaged(pixels.clamp(0, 1)), real.float(), concept, colour)

    def _framing(self, boxes: Tensor, not_whole: Tensor) -> Tensor:
        """[B, 3]: centre x, y and half side of the view, in -1..1 coordinates of the canvas."""
        n = len(boxes)
        side = torch.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) * VIEW_MARGIN
        jitter = torch.from_numpy(self._random.normal(0, 1, (n, 3)).astype(np.float32)).clamp(-2.2, 2.2)
        scale = torch.exp(jitter[:, 2] * 0.07)
        x, y = (boxes[:, 0] + boxes[:, 2]) / 2 + jitter[:, 0] * 0.035 * side, (boxes[:, 1] + boxes[:, 3]) / 2 + jitter[:, 1] * 0.035 * side
        # Not a whole thing: far off centre, so that a corner or bare ground is seen, or half of it much enlarged.
        angle = torch.from_numpy(self._random.uniform(0, 2 * np.pi, n).astype(np.float32))
        far = torch.from_numpy(self._random.uniform(0.45, 1.1, n).astype(np.float32)) * side
        closer = torch.from_numpy(self._random.random(n) < 0.4)
        scale = torch.where(not_whole & closer, scale * 0.45, scale)
        far = torch.where(closer, far * 0.4, far)
        x, y = torch.where(not_whole, x + torch.cos(angle) * far, x), torch.where(not_whole, y + torch.sin(angle) * far, y)
        unit = _SIDE / _CANVAS
        return torch.stack([(2 * x - 1) * unit, (2 * y - 1) * unit, side * scale * unit], 1)

    def _neighbours(self, boxes: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Other things and their framing: about one box beside the viewed thing, so that a little overlap is common."""
        n = len(boxes)
        slots = self._random.integers(len(self._bank), size=n)
        things = torch.from_numpy(self._bank[slots]).permute(0, 3, 1, 2).float() / 255
        extent = torch.tensor([self._kept[s][1] for s in slots], dtype=torch.float32)
        unit, scale = _SIDE / _CANVAS, torch.from_numpy(self._random.uniform(0.6, 1.6, n).astype(np.float32))
        half = torch.stack([boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]], 1) * unit
        other = torch.stack([extent[:, 2] - extent[:, 0], extent[:, 3] - extent[:, 1]], 1) * unit * scale[:, None]
        gap = torch.from_numpy(self._random.uniform(0.72, 1.2, (n, 1)).astype(np.float32)) * (half + other)
        across = torch.from_numpy(self._random.uniform(-0.6, 0.6, n).astype(np.float32))
        sign = torch.from_numpy(self._random.choice([-1.0, 1.0], n).astype(np.float32))
        sideways = torch.from_numpy(self._random.random(n) < 0.7)
        dx = torch.where(sideways, sign * gap[:, 0], across * gap[:, 0])
        dy = torch.where(sideways, across * gap[:, 1], sign * gap[:, 1])
        # Canvas of the neighbour: where the view's centre lies in it, and how much of it the view spans.
        home = torch.stack([(extent[:, 0] + extent[:, 2] - 1) * unit, (extent[:, 1] + extent[:, 3] - 1) * unit], 1)
        return things, torch.stack([home[:, 0] - dx / scale, home[:, 1] - dy / scale, theta[:, 2] / scale], 1)

    def _ground(self, n: int) -> Tensor:
        """Views of grounds, as large as things of 16 to 40 bins see them."""
        random = self._random
        which = torch.from_numpy(random.integers(len(self._grounds), size=n))
        half = torch.from_numpy(random.uniform(0.12, 0.45, n).astype(np.float32))
        centre = torch.from_numpy(random.uniform(-0.7, 0.7, (n, 2)).astype(np.float32))
        grid = _grid(torch.stack([centre[:, 0], centre[:, 1], half], 1))
        return functional.grid_sample(self._grounds[which].float() / 255, grid, padding_mode="border", align_corners=False)

    def _shuffled(self, thing: Tensor) -> Tensor:
        """The pieces of the thing's square in another order."""
        pieces = int(self._random.choice(_PIECES))
        edge = _SIDE // pieces
        out, square = thing.clone(), thing[:, _INSET : _INSET + _SIDE, _INSET : _INSET + _SIDE]
        order = self._random.permutation(pieces * pieces)
        for to, source in enumerate(order):
            (r, c), (from_r, from_c) = divmod(to, pieces), divmod(int(source), pieces)
            out[:, _INSET + r * edge : _INSET + (r + 1) * edge, _INSET + c * edge : _INSET + (c + 1) * edge] = square[
                :, from_r * edge : (from_r + 1) * edge, from_c * edge : (from_c + 1) * edge
            ]
        return out

    def _damaged(self, pixels: Tensor) -> Tensor:
        """Blur, lost detail, JPEG, noise, gain on random parts of the batch; like `checker_data.damaged`."""
        random, n = self._random, len(pixels)
        for share in (0.25, 0.25):
            part = torch.from_numpy(np.nonzero(random.random(n) < share)[0])
            if len(part):
                pixels[part] = _blurred(pixels[part], float(random.uniform(0.4, 1.7)))
        part = torch.from_numpy(np.nonzero(random.random(n) < 0.15)[0])
        if len(part):
            small = functional.interpolate(pixels[part], size=int(random.integers(20, 40)), mode="area")
            pixels[part] = functional.interpolate(small, size=VIEW_PX, mode="bicubic", align_corners=False)
        chosen = np.nonzero(random.random(n) < 0.25)[0]
        if len(chosen):
            pixels[torch.from_numpy(chosen)] = _compressed(pixels[torch.from_numpy(chosen)], int(random.integers(20, 75)))
        level = torch.from_numpy((random.uniform(0, 0.04, n) * (random.random(n) < 0.5)).astype(np.float32))
        noise = torch.from_numpy(random.standard_normal(pixels.shape, np.float32))
        gain = torch.from_numpy(random.uniform(0.9, 1.1, n).astype(np.float32))
        return ((pixels + noise * level[:, None, None, None]) * gain[:, None, None, None]).clamp(0, 1)


def _grid(framing: Tensor) -> Tensor:
    step = ((torch.arange(VIEW_PX) + 0.5) / VIEW_PX) * 2 - 1
    x = framing[:, 0:1] + framing[:, 2:3] * step[None, :]
    y = framing[:, 1:2] + framing[:, 2:3] * step[None, :]
    n = len(framing)
    return torch.stack([x[:, None, :].expand(n, VIEW_PX, VIEW_PX), y[:, :, None].expand(n, VIEW_PX, VIEW_PX)], -1)


def _laid_over(pixels: Tensor, things: Tensor, framing: Tensor, where: Tensor) -> Tensor:
    """things [B, 4, canvas, canvas]: premultiplied light and what shines through."""
    index = where.nonzero()[:, 0]
    if len(index) == 0:
        return pixels
    # Outside the canvas nothing is drawn: sample how much is covered instead of how much shines through.
    layer = things[index].clone()
    layer[:, 3] = 1 - layer[:, 3]
    layer = functional.grid_sample(layer, _grid(framing[index]), padding_mode="zeros", align_corners=False)
    out = pixels.clone()
    out[index] = pixels[index] * (1 - layer[:, 3:]) + layer[:, :3]
    return out


def _blurred(pixels: Tensor, sigma: float) -> Tensor:
    radius = max(1, round(2.5 * sigma))
    at = torch.arange(-radius, radius + 1, dtype=torch.float32)
    kernel = torch.exp(-(at**2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    pixels, channels = pixels.contiguous(), pixels.shape[1]
    rows = functional.conv2d(
        functional.pad(pixels, (0, 0, radius, radius), mode="replicate"),
        kernel.view(1, 1, -1, 1).repeat(channels, 1, 1, 1),
        groups=channels,
    )
    return functional.conv2d(
        functional.pad(rows, (radius, radius, 0, 0), mode="replicate"), kernel.view(1, 1, 1, -1).repeat(channels, 1, 1, 1), groups=channels
    )


def _smeared(things: Tensor, parts: float) -> Tensor:
    return _blurred(things, _SIDE / parts)


def _compressed(pixels: Tensor, quality: int) -> Tensor:
    """All views as one tall JPEG picture, at twice their size: the eight-pixel blocks of a picture are smaller in a view."""
    n = len(pixels)
    tall = functional.interpolate(pixels, scale_factor=2.0, mode="bilinear", align_corners=False).permute(0, 2, 3, 1)
    buffer = io.BytesIO()
    Image.fromarray((tall.clamp(0, 1) * 255).byte().numpy().reshape(n * 2 * VIEW_PX, 2 * VIEW_PX, 3)).save(buffer, "JPEG", quality=quality)
    back = torch.from_numpy(np.asarray(Image.open(buffer), np.float32) / 255).reshape(n, 2 * VIEW_PX, 2 * VIEW_PX, 3).permute(0, 3, 1, 2)
    return functional.avg_pool2d(back, 2)
