"""The atlas (sprites, names, colours) and the presets: which part of the world a model is trained on."""

from __future__ import annotations

import functools
import json
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .colour import recolour

PLACES = ("meadow", "beach", "desert", "snow", "city", "table")
TIMES = ("day", "sunset", "night", "dawn")
STYLES = ("glossy", "flat", "soft", "vector")
VARIANTS = 4
DEFAULT_ATLAS = Path(__file__).parents[3] / "assets" / "atlas"
_CACHED_SPRITES = 1200


class UnknownConceptError(KeyError):
    """The atlas has no such concept, style or colour."""


@dataclass(frozen=True)
class Concept:
    """One thing of the world: names, where it stands, and the colours each style can honestly give it."""

    id: str
    name: str
    name_zh: str
    synonyms: tuple[str, ...]
    synonyms_zh: tuple[str, ...]
    placement: str
    theme: str
    places: tuple[str, ...]
    body: str
    sheet: int
    cell: int
    styles: dict[str, dict]

    def colours(self, style: str) -> tuple[str, ...]:
        return tuple(self.styles[style]["colours"])


class Atlas:
    """Sprites of `sprite_px` square, RGBA with straight alpha; sheets are decoded when first needed."""

    def __init__(self, folder: Path | str = DEFAULT_ATLAS) -> None:
        self.folder = Path(folder)
        data = json.loads((self.folder / "concepts.json").read_text(encoding="utf-8"))
        self.sprite_px: int = data["spritePx"]
        self._columns: int = data["columns"]
        self._targets: dict[str, list[float]] = data["recolour"]
        self.sources: dict[str, dict] = data["sources"]
        self.concepts: dict[str, Concept] = {c["id"]: _concept(c) for c in data["concepts"]}
        self._sheets: dict[str, np.ndarray] = {}
        self._sprites: OrderedDict[tuple[str, str, str | None], np.ndarray] = OrderedDict()

    def _cell(self, name: str, concept: Concept, mode: str) -> np.ndarray:
        if name not in self._sheets:
            with Image.open(self.folder / name) as image:
                self._sheets[name] = np.asarray(image.convert(mode))
        row, column = divmod(concept.cell, self._columns)
        side = self.sprite_px
        return self._sheets[name][row * side : (row + 1) * side, column * side : (column + 1) * side]

    def sprite(self, concept_id: str, style: str, colour: str | None = None) -> np.ndarray:
        """[sprite_px, sprite_px, 4] uint8; treat as read-only. Errors: UnknownConceptError."""
        key = (concept_id, style, colour)
        if key in self._sprites:
            self._sprites.move_to_end(key)
            return self._sprites[key]
        concept = self.concepts.get(concept_id)
        if concept is None or style not in concept.styles:
            raise UnknownConceptError(f"{concept_id} in style {style}")
        facts = concept.styles[style]
        rgba = self._cell(f"{style}-{concept.sheet:02d}.webp", concept, "RGBA")
        if colour is not None and colour != facts["native"]:
            if colour not in self._targets:
                raise UnknownConceptError(f"colour {colour}")
            mask = self._cell(f"{style}-{concept.sheet:02d}.mask.webp", concept, "L")
            rgba = recolour(rgba, mask, facts["body"], colour, self._targets)
        self._sprites[key] = rgba
        while len(self._sprites) > _CACHED_SPRITES:
            self._sprites.popitem(last=False)
        return rgba

    @functools.lru_cache(maxsize=8192)  # noqa: B019 - one atlas lives as long as the process
    def content_box(self, concept_id: str, style: str) -> tuple[float, float, float, float]:
        """Visible part of the sprite square as fractions (left, top, right, bottom)."""
        alpha = self.sprite(concept_id, style)[..., 3] > 24
        rows, columns = np.nonzero(alpha.any(1))[0], np.nonzero(alpha.any(0))[0]
        side = self.sprite_px
        return columns[0] / side, rows[0] / side, (columns[-1] + 1) / side, (rows[-1] + 1) / side


def _concept(data: dict) -> Concept:
    return Concept(
        id=data["id"],
        name=data["name"],
        name_zh=data["nameZh"],
        synonyms=tuple(data["synonyms"]),
        synonyms_zh=tuple(data["synonymsZh"]),
        placement=data["placement"],
        theme=data["theme"],
        places=tuple(data["places"]),
        body=data["body"],
        sheet=data["sheet"],
        cell=data["cell"],
        styles=data["styles"],
    )


@dataclass(frozen=True)
class Preset:
    """A slice of the world. Sides and snap are in bins; square corners lie on multiples of `snap`."""

    name: str
    concepts: tuple[str, ...]
    styles: tuple[str, ...]
    colours: tuple[str, ...]
    places: tuple[str, ...]
    times: tuple[str, ...]
    variants: int
    sides: tuple[int, ...]
    snap: int
    max_objects: int
    flips: bool

    def concepts_at(self, atlas: Atlas, place: str) -> tuple[str, ...]:
        return tuple(c for c in self.concepts if place in atlas.concepts[c].places)


PILOT_COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")
_PILOT_SIZE = 40
_TINY = ("red-apple", "automobile", "house", "deciduous-tree", "balloon", "sunflower", "cactus", "mushroom")


def preset(name: str, atlas: Atlas) -> Preset:
    """`pilot` (40 concepts, 2 styles), `tiny` (8 concepts, one style: tests), `full` (the first atlas, frozen like the former),
    `world` (every concept but those of split S6), `unnamed` (those of S6, each alone: tests). Errors: UnknownConceptError."""
    from .splits import FIRST_VOCABULARY, unnamed_concepts  # splits are made of this module's words

    every = tuple(atlas.concepts)
    ids = every[:FIRST_VOCABULARY]
    if name == "pilot":
        return Preset(name, ids[:_PILOT_SIZE], ("glossy", "flat"), PILOT_COLOURS, PLACES, TIMES, VARIANTS, (16, 24, 32, 40), 4, 3, False)
    if name == "tiny":
        return Preset(
            name,
            _TINY,
            ("flat",),
            ("red", "yellow", "green", "blue"),
            ("meadow", "desert", "table"),
            ("day", "night"),
            1,
            (24, 32),
            8,
            2,
            False,
        )
    if name == "full":
        colours = (*PILOT_COLOURS, "cyan", "grey", "black")
        return Preset(name, ids, STYLES, colours, PLACES, TIMES, VARIANTS, (16, 20, 24, 28, 32, 36, 40), 2, 4, True)
    if name == "world":
        unnamed, colours = set(unnamed_concepts(atlas)), (*PILOT_COLOURS, "cyan", "grey", "black")
        concepts = tuple(c for c in every if c not in unnamed)
        return Preset(name, concepts, STYLES, colours, PLACES, TIMES, VARIANTS, (16, 20, 24, 28, 32, 36, 40), 2, 4, True)
    if name == "unnamed":
        concepts = unnamed_concepts(atlas)
        places = tuple(p for p in PLACES if any(p in atlas.concepts[c].places for c in concepts))
        return Preset(name, concepts, ("glossy", "flat"), PILOT_COLOURS, places, TIMES, VARIANTS, (24, 32, 40), 4, 1, False)
    raise UnknownConceptError(f"no preset {name!r}")
