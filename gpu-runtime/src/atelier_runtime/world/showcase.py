"""The high-quality subset for fine-tuning. The rule, in words:

1. one or two kinds of things, the largest at least 3/8 of the frame;
2. nothing cut by the frame's edge or nearer to it than one bin;
3. no thing hides another, and every pair stands in a clear relation;
4. every thing stands out from the ground behind it by at least 34 grey levels (mean over its visible pixels).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from .compose import Composer
from .relations import content_box, relation_between
from .spec import BINS, SceneSpec
from .vocabulary import Atlas

HERO_BINS = 24
EDGE_BINS = 1.0
CONTRAST = 34.0


def is_well_composed(spec: SceneSpec, atlas: Atlas) -> bool:
    """Rules 1 to 3; no pixels needed."""
    if not spec.objects or len({o.concept for o in spec.objects}) > 2 or max(o.s for o in spec.objects) < HERO_BINS:
        return False
    boxes = [content_box(o, spec.style, atlas) for o in spec.objects]
    if any(min(b) < EDGE_BINS or max(b) > BINS - EDGE_BINS for b in boxes):
        return False
    return not any(_touch(a, b) or relation_between(a, b) is None for a, b in combinations(boxes, 2))


def _touch(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])


def contrast(spec: SceneSpec, composer: Composer) -> float:
    """Of the thing that stands out least: mean difference (0..255) of its pixels from the ground they cover."""
    picture = composer.render([spec])[0].astype(np.int16)
    ground = composer.background(spec.place, spec.time, spec.variant).astype(np.int16)
    difference = np.abs(picture - ground).max(-1)
    return min(float(difference[t.visible_mask].mean()) if t.visible_mask.any() else 0.0 for t in composer.truth(spec))


def is_showcase(spec: SceneSpec, composer: Composer) -> bool:
    """All four rules."""
    return is_well_composed(spec, composer.atlas) and contrast(spec, composer) >= CONTRAST
