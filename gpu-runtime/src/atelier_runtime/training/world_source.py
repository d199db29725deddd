"""The world as training sees it: seed -> pixels, caption, object squares."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import numpy as np

from atelier_runtime.world.captions import caption
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.sample import sample_scene
from atelier_runtime.world.spec import SceneSpec
from atelier_runtime.world.vocabulary import DEFAULT_ATLAS, Atlas, preset


@dataclass(frozen=True)
class DrawnScene:
    """pixels uint8 [size, size, 3]; squares (centre x, centre y, side) of the objects in bins."""

    spec: SceneSpec
    pixels: np.ndarray
    caption: str
    squares: list[tuple[float, float, float]]


class WorldSource:
    """Draws scenes of one world preset, narrowed to what the current lesson teaches."""

    def __init__(self, world: str, size_px: int, max_objects: int | None = None, recolour: bool = True, split: str = "train") -> None:
        # A long run can be pinned to a copy, so that rebuilding the atlas beside it changes nothing.
        self.atlas = Atlas(os.environ.get("ATELIER_ATLAS", DEFAULT_ATLAS))
        chosen = preset(world, self.atlas)
        if max_objects is not None:
            chosen = replace(chosen, max_objects=min(max_objects, chosen.max_objects))
        self.preset = chosen if recolour else replace(chosen, colours=())
        self.composer = Composer(self.atlas, size_px)
        self.split = split

    def draw(self, seed: int, density: str = "layout") -> DrawnScene:
        """density `layout`, `en` (a short or dense English sentence) or `zh`; errors: SamplingError."""
        spec = sample_scene(seed & 0xFFFFFFFF, self.preset, self.atlas, self.split)
        if density == "layout":
            text = caption(spec, "en", "layout", seed, self.atlas)
        else:
            text = caption(spec, density, "short" if seed & 1 else "dense", seed, self.atlas)
        return DrawnScene(spec, self.composer.render([spec])[0], text, squares_of(spec))


def squares_of(spec: SceneSpec) -> list[tuple[float, float, float]]:
    """(centre x, centre y, side) of the objects in bins."""
    return [(float(o.x), float(o.y), float(o.s)) for o in spec.objects]
