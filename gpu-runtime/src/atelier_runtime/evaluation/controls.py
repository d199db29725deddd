"""Pictures that a judge must reject: right colours and places, wrong shapes. And damage that it must bear."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
from PIL import Image, ImageFilter

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.rng import Rng, mix
from atelier_runtime.world.spec import BINS, SceneObject, SceneSpec
from atelier_runtime.world.vocabulary import Atlas, Preset

CONTROLS = ("blurred_patch", "scrambled", "other_concept")
_TILES = 4


def control_picture(kind: str, spec: SceneSpec, composer: Composer, preset: Preset, atlas: Atlas) -> np.ndarray:
    """The scene with every object replaced; [size, size, 3] uint8. Kinds: CONTROLS."""
    rng = Rng(mix(spec.seed, 0xC0, CONTROLS.index(kind)))
    if kind == "other_concept":
        return composer.render([_other_concepts(spec, rng, preset, atlas)])[0]
    true = composer.render([spec])[0]
    picture = composer.background(spec.place, spec.time, spec.variant).copy()
    for o in spec.objects:
        left, top, right, bottom = object_square(o, composer.size_px)
        patch, ground = true[top:bottom, left:right], picture[top:bottom, left:right]
        picture[top:bottom, left:right] = (
            blurred_patch(patch, ground, 9) if kind == "blurred_patch" else scrambled(patch, ground, _TILES, rng)
        )
    return picture


def object_square(o: SceneObject, size_px: int) -> tuple[int, int, int, int]:
    """Pixels (left, top, right, bottom) of an object's square inside the frame."""
    unit = size_px / BINS
    half = o.s / 2
    left, top, right, bottom = (min(size_px, max(0, round(v * unit))) for v in (o.x - half, o.y - half, o.x + half, o.y + half))
    return left, top, right, bottom


def blurred_patch(patch: np.ndarray, ground: np.ndarray, parts: int) -> np.ndarray:
    """What a weak model draws first: a patch of the right colours, blurred over 1 / parts of its side, fading into the ground."""
    radius = max(3.0, patch.shape[0] / parts)
    soft = np.asarray(Image.fromarray(patch).filter(ImageFilter.GaussianBlur(radius)), np.float32)
    fade = _fade(patch.shape[0])[:, None] * _fade(patch.shape[1])[None, :]
    return (ground + (soft - ground) * fade[..., None]).astype(np.uint8)


def _fade(n: int) -> np.ndarray:
    """0 at both ends, 1 from a tenth of the length on: no square border that would itself be a shape."""
    at = (np.arange(n, dtype=np.float32) + 0.5) / n
    return np.clip(np.minimum(at, 1 - at) / 0.1, 0, 1)


def scrambled(patch: np.ndarray, ground: np.ndarray, tiles: int, rng: Rng) -> np.ndarray:
    """The object's own pieces in a random order."""
    h, w = patch.shape[0] // tiles, patch.shape[1] // tiles
    places = [(r * h, c * w) for r in range(tiles) for c in range(tiles)]
    out = ground.copy()
    for (r, c), (from_r, from_c) in zip(places, rng.shuffled(places), strict=True):
        out[r : r + h, c : c + w] = patch[from_r : from_r + h, from_c : from_c + w]
    return out


def _other_concepts(spec: SceneSpec, rng: Rng, preset: Preset, atlas: Atlas) -> SceneSpec:
    """Other concepts in the same squares, in the same colour words where they have them."""
    drawn = {o.concept for o in spec.objects}
    objects = []
    for o in spec.objects:
        able = [c for c in preset.concepts if c not in drawn and (o.colour is None or o.colour in atlas.concepts[c].colours(spec.style))]
        objects.append(dataclasses.replace(o, concept=rng.pick(able)))
    return dataclasses.replace(spec, objects=tuple(objects))


def degraded(picture: np.ndarray, severity: int, seed: int) -> np.ndarray:
    """Damage like a small model's: 0 none, 1 blur 1 px + JPEG 50 + noise 6, 2 blur 1.8 px + JPEG 25 + noise 14."""
    if severity == 0:
        return picture
    blur, quality, noise = ((1.0, 50, 6.0), (1.8, 25, 14.0))[severity - 1]
    buffer = io.BytesIO()
    Image.fromarray(picture).filter(ImageFilter.GaussianBlur(blur)).save(buffer, "JPEG", quality=quality)
    pixels = np.asarray(Image.open(buffer), np.float32)
    return np.clip(pixels + np.random.default_rng(seed).normal(0, noise, pixels.shape), 0, 255).astype(np.uint8)
