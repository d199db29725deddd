"""Training pictures of the checker: clean, damaged and deceptive scenes with the things that are really drawn in them."""

from __future__ import annotations

import dataclasses
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.rng import Rng, mix
from atelier_runtime.world.sample import sample_scene
from atelier_runtime.world.spec import BINS, SceneObject
from atelier_runtime.world.vocabulary import Atlas, Preset

from .checker_network import CheckerConfig
from .controls import blurred_patch, object_square, scrambled

_DECEPTIVE_PERCENT = 35
_DAMAGED_PERCENT = 70


@dataclass(frozen=True)
class Labelled:
    """pixels uint8 [B, H, W, 3]; heat [B, C, r, c] in 0..1, 1 in centre cells; per object (batch, row, column, colour
    index, left, top, right, bottom in cells from the cell's centre) in `things` [n, 8] float32."""

    pixels: np.ndarray
    heat: np.ndarray
    things: np.ndarray


class CheckerScenes:
    """Batches by number: batch k is always the same."""

    def __init__(
        self,
        atlas: Atlas,
        preset: Preset,
        config: CheckerConfig,
        batch: int,
        deceptive_percent: int = _DECEPTIVE_PERCENT,
        one_concept: bool = False,
    ) -> None:
        self._atlas, self._preset, self._config, self._batch = atlas, preset, config, batch
        self._composer = Composer(atlas, config.size_px)
        self._deceptive_percent = deceptive_percent
        self._concept_index = {c: 0 if one_concept else i for i, c in enumerate(preset.concepts)}
        self._colour_index = {None: 0, **{c: 0 if one_concept else i + 1 for i, c in enumerate(preset.colours)}}

    def batch(self, number: int) -> Labelled:
        config = self._config
        pixels = np.empty((self._batch, config.size_px, config.size_px, 3), np.uint8)
        heat = np.zeros((self._batch, config.concepts, config.grid, config.grid), np.float32)
        things: list[list[float]] = []
        for i in range(self._batch):
            seed = mix(number, i, 0xC4EC)
            pixels[i], real = self._picture(seed)
            for o, style in real:
                things.append(self._label(heat[i], i, o, style))
        return Labelled(pixels, heat, np.array(things, np.float32).reshape(-1, 8))

    def _picture(self, seed: int) -> tuple[np.ndarray, list[tuple[SceneObject, str]]]:
        """A picture and the objects that are recognisable in it."""
        rng = Rng(mix(seed, 1))
        # Every split: a judge has to know the compositions that the generator must not train on.
        spec = sample_scene(seed, self._preset, self._atlas, rng.weighted([("train", 70), ("S1", 10), ("S2", 10), ("S3", 10)]))
        real = list(spec.objects)
        picture = self._composer.render([spec])[0]
        if rng.chance(self._deceptive_percent):
            fake = rng.pick(spec.objects)
            # Only things that nothing else overlaps are faked, so that the others stay true.
            if all(o is fake or _apart(o, fake) for o in spec.objects):
                picture = self._with_fake(picture, spec, fake, rng)
                real.remove(fake)
        if rng.chance(_DAMAGED_PERCENT):
            picture = damaged(picture, rng)
        return picture, [(o, spec.style) for o in real]

    def _with_fake(self, picture: np.ndarray, spec, fake: SceneObject, rng: Rng) -> np.ndarray:  # noqa: ANN001
        left, top, right, bottom = object_square(fake, self._config.size_px)
        picture = picture.copy()
        patch = picture[top:bottom, left:right]
        ground = self._composer.background(spec.place, spec.time, spec.variant)[top:bottom, left:right]
        picture[top:bottom, left:right] = (
            blurred_patch(patch, ground, 6 + rng.below(6)) if rng.chance(60) else scrambled(patch, ground, 2 + rng.below(4), rng)
        )
        return picture

    def _label(self, heat: np.ndarray, batch: int, o: SceneObject, style: str) -> list[float]:
        """Paints the centre into the heat map of its concept and returns the thing's row."""
        cells = self._config.grid
        left, top, right, bottom = self._atlas.content_box(o.concept, style)
        if o.flip:
            left, right = 1 - right, 1 - left
        edges = [(o.x - o.s / 2 + left * o.s), (o.y - o.s / 2 + top * o.s), (o.x - o.s / 2 + right * o.s), (o.y - o.s / 2 + bottom * o.s)]
        edges = [v * cells / BINS for v in edges]
        x, y = (edges[0] + edges[2]) / 2, (edges[1] + edges[3]) / 2
        row, column = min(cells - 1, int(y)), min(cells - 1, int(x))
        sigma = max(0.6, 0.07 * o.s * cells / BINS)
        rows, columns = np.mgrid[:cells, :cells]
        spot = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * sigma**2)).astype(np.float32)
        plane = heat[self._concept_index[o.concept]]
        np.maximum(plane, spot, out=plane)
        centre_x, centre_y = column + 0.5, row + 0.5
        distances = [max(0.05, d) for d in (centre_x - edges[0], centre_y - edges[1], edges[2] - centre_x, edges[3] - centre_y)]
        return [batch, row, column, self._colour_index[o.colour], *distances]


def _apart(a: SceneObject, b: SceneObject) -> bool:
    reach = (a.s + b.s) / 2
    return abs(a.x - b.x) >= reach or abs(a.y - b.y) >= reach


def damaged(picture: np.ndarray, rng: Rng) -> np.ndarray:
    """Random blur, loss of detail, JPEG and noise, like the output of a small model."""
    image = Image.fromarray(picture)
    size = image.size
    if rng.chance(30):
        small = size[0] * (45 + rng.below(40)) // 100
        image = image.resize((small, small), Image.Resampling.BOX).resize(size, Image.Resampling.BICUBIC)
    if rng.chance(60):
        image = image.filter(ImageFilter.GaussianBlur((0.3 + 1.5 * rng.unit()) * size[0] / 256))
    if rng.chance(40):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=20 + rng.below(60))
        image = Image.open(buffer)
    pixels = np.asarray(image, np.float32)
    if rng.chance(50):
        noise = np.random.default_rng(rng.next_u32())
        pixels = pixels + noise.standard_normal(pixels.shape, np.float32) * np.float32(12 * rng.unit())
    gain = 0.9 + 0.2 * rng.unit()
    return np.clip(pixels * np.float32(gain), 0, 255).astype(np.uint8)


def checker_config(preset: Preset) -> CheckerConfig:
    """256 px for the real presets; the tiny preset is judged at 64 px."""
    tiny = preset.name == "tiny"
    config = CheckerConfig(concepts=len(preset.concepts), colours=1 + len(preset.colours))
    return dataclasses.replace(config, size_px=64, stem=2, widths=(16, 24, 32, 48)) if tiny else config
