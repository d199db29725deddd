"""The scene specification: the data of the world. Everything else is computed from it."""

from __future__ import annotations

import json
from dataclasses import dataclass

SCHEMA = "scene-spec/1"
BINS = 64
"""The canvas is 64 x 64 bins; one bin is sizePx / 64 pixels."""


class SceneSpecError(ValueError):
    """The text is not a scene specification of this version."""


@dataclass(frozen=True, slots=True)
class SceneObject:
    """A square sprite of side `s` bins centred at (`x`, `y`) bins; what stands, stands on the square's bottom edge."""

    concept: str
    colour: str | None
    x: int
    y: int
    s: int
    flip: bool = False
    rotation: int = 0

    def as_dict(self) -> dict:
        return {
            "concept": self.concept,
            "colour": self.colour,
            "x": self.x,
            "y": self.y,
            "s": self.s,
            "flip": self.flip,
            "rotation": self.rotation,
        }


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """One scene. `objects` are in drawing order, back to front."""

    preset: str
    seed: int
    split: str
    style: str
    place: str
    time: str
    variant: int
    objects: tuple[SceneObject, ...]

    def as_dict(self) -> dict:
        return {
            "schema": SCHEMA, "preset": self.preset, "seed": self.seed, "split": self.split, "style": self.style, "place": self.place,
            "time": self.time, "variant": self.variant, "objects": [o.as_dict() for o in self.objects],
        }  # fmt: skip

    def to_json(self) -> str:
        """Canonical text: fixed key order, no spaces, ASCII only; byte-equal for one seed everywhere."""
        return json.dumps(self.as_dict(), separators=(",", ":"), ensure_ascii=True)

    @staticmethod
    def from_dict(data: dict) -> SceneSpec:
        if data.get("schema") != SCHEMA:
            raise SceneSpecError(f"expected schema {SCHEMA}, got {data.get('schema')!r}")
        try:
            objects = tuple(SceneObject(**o) for o in data["objects"])
            fields = {key: data[key] for key in ("preset", "seed", "split", "style", "place", "time", "variant")}
        except (KeyError, TypeError) as error:
            raise SceneSpecError(str(error)) from error
        return SceneSpec(objects=objects, **fields)

    @staticmethod
    def from_json(text: str) -> SceneSpec:
        return SceneSpec.from_dict(json.loads(text))
