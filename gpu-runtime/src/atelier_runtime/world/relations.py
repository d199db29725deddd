"""Spatial relations between objects: one rule writes the captions and answers the questions."""

from __future__ import annotations

from .spec import SceneObject, SceneSpec
from .vocabulary import Atlas

RELATIONS = ("left-of", "right-of", "above", "below", "in-front-of", "behind")
INVERSE = {
    "left-of": "right-of",
    "right-of": "left-of",
    "above": "below",
    "below": "above",
    "in-front-of": "behind",
    "behind": "in-front-of",
}
CANONICAL = frozenset({"left-of", "above", "in-front-of"})

Box = tuple[float, float, float, float]


def content_box(o: SceneObject, style: str, atlas: Atlas) -> Box:
    """Visible extent in bins (left, top, right, bottom), before rotation."""
    left, top, right, bottom = atlas.content_box(o.concept, style)
    if o.flip:
        left, right = 1 - right, 1 - left
    x, y = o.x - o.s / 2, o.y - o.s / 2
    return x + left * o.s, y + top * o.s, x + right * o.s, y + bottom * o.s


def relation_between(a: Box, b: Box) -> str | None:
    """How box `a` lies to box `b`, or None when nothing clear can be said.

    Beside when the centres are clearly apart sideways and more so than vertically; above when apart vertically;
    in front when the boxes overlap sideways and the base of `a` is lower in the frame.
    """
    dx = (a[0] + a[2] - b[0] - b[2]) / 2
    dy = (a[1] + a[3] - b[1] - b[3]) / 2
    width, height = (a[2] - a[0] + b[2] - b[0]) / 2, (a[3] - a[1] + b[3] - b[1]) / 2
    if abs(dx) >= 0.6 * width and abs(dx) >= 0.9 * abs(dy):
        return "left-of" if dx < 0 else "right-of"
    if abs(dy) >= 0.75 * height:
        return "above" if dy < 0 else "below"
    if abs(a[3] - b[3]) >= 3 and abs(dx) < 0.6 * width:
        return "in-front-of" if a[3] > b[3] else "behind"
    if abs(dx) >= 0.6 * width:
        return "left-of" if dx < 0 else "right-of"
    return None


def canonical_relations(spec: SceneSpec, atlas: Atlas) -> list[tuple[int, str, int]]:
    """All clear relations as (index, relation, index) with relation in CANONICAL; pairs of equal concepts are left out."""
    boxes = [content_box(o, spec.style, atlas) for o in spec.objects]
    found = []
    for i in range(len(boxes)):
        for j in range(i + 1, len(boxes)):
            relation = relation_between(boxes[i], boxes[j])
            if relation is None or spec.objects[i].concept == spec.objects[j].concept:
                continue
            found.append((i, relation, j) if relation in CANONICAL else (j, INVERSE[relation], i))
    return found
