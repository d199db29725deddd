"""The pictures that tasks are made of. Each is plain data that paints itself, so a task sample is JSON and pixels follow."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from PIL import Image

from ..canvas import Canvas, blend, rgb
from ..compose import Composer
from ..spec import BINS, SceneSpec

Box = tuple[int, int, int, int]
"""Bins (left, top, right, bottom)."""


class Picture(Protocol):
    kind: ClassVar[str]

    def paint(self, composer: Composer) -> np.ndarray:
        """[size_px, size_px, 3] uint8, size_px of the composer; equal for equal data."""
        ...


KINDS: dict[str, type] = {}


def picture_kind(cls: type) -> type:
    """Registers a picture class under its `kind`, so that it can be read back from JSON."""
    KINDS[cls.kind] = cls
    return cls


class PictureError(ValueError):
    """The data describes no picture of this version."""


def as_dict(picture: Picture) -> dict:
    """JSON of any picture: its kind and its fields; scenes inside keep their own form."""

    def plain(value: object) -> object:
        if isinstance(value, SceneSpec):
            return value.as_dict()
        if type(value) in KINDS.values():
            return as_dict(value)  # type: ignore[arg-type]
        if isinstance(value, tuple | list):
            return [plain(v) for v in value]
        return value

    fields = {f.name: plain(getattr(picture, f.name)) for f in dataclasses.fields(picture)}  # type: ignore[arg-type]
    return {"kind": picture.kind, **fields}


def from_dict(data: dict) -> Picture:
    """Inverse of `as_dict`. Errors: PictureError for an unknown kind or wrong fields."""

    def rich(value: object) -> object:
        if isinstance(value, dict):
            return SceneSpec.from_dict(value) if "schema" in value else from_dict(value)
        return tuple(rich(v) for v in value) if isinstance(value, list) else value

    try:
        return KINDS[data["kind"]](**{key: rich(value) for key, value in data.items() if key != "kind"})
    except (KeyError, TypeError) as error:
        raise PictureError(f"no picture: {error}") from error


@picture_kind
@dataclass(frozen=True, slots=True)
class Scene:
    """A scene of the world as it is."""

    kind: ClassVar[str] = "scene"
    spec: SceneSpec

    def paint(self, composer: Composer) -> np.ndarray:
        return composer.render([self.spec])[0]


PAPERS = ("#f4efe6", "#e6eef6", "#eaf3e4", "#f6e8ea", "#efe9f6", "#f8f1d8")


@picture_kind
@dataclass(frozen=True, slots=True)
class SubjectCard:
    """One thing alone on a plain sheet with a soft shadow: a reference picture of a subject."""

    kind: ClassVar[str] = "subject"
    concept: str
    colour: str | None
    style: str
    flip: bool
    paper: int

    def paint(self, composer: Composer) -> np.ndarray:
        size = composer.size_px
        canvas = Canvas(size * 2)
        paper = rgb(PAPERS[self.paper % len(PAPERS)])
        canvas.gradient([(0, blend(paper, (255.0, 255.0, 255.0), 0.5)), (46, paper), (64, blend(paper, (120.0, 110.0, 120.0), 0.18))])
        canvas.glow(32, 26, 40, (255.0, 255.0, 255.0), 0.55)
        left, _, right, bottom = composer.atlas.content_box(self.concept, self.style)
        side, top = 50.0, 7.0
        if composer.atlas.concepts[self.concept].placement != "sky":
            foot, half = top + bottom * side, max(4.0, (right - left) * side * 0.42)
            canvas.fill((60.0, 56.0, 70.0), canvas.shapes(ellipses=[(32, foot - 0.3, half, 2.2)], blur=1.1), 0.34)
        image = Image.fromarray(canvas.reduced(size))
        sprite = Image.fromarray(composer.atlas.sprite(self.concept, self.style, self.colour))
        if self.flip:
            sprite = sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        px = round(side * size / BINS)
        sprite = sprite.resize((px, px), Image.Resampling.LANCZOS)
        image.paste(sprite, ((size - px) // 2, round(top * size / BINS)), sprite)
        return np.asarray(image)


@picture_kind
@dataclass(frozen=True, slots=True)
class Styled:
    """Another picture redrawn with the whole-picture look of `looks.LOOKS`."""

    kind: ClassVar[str] = "styled"
    base: Scene | SubjectCard
    look: str

    def paint(self, composer: Composer) -> np.ndarray:
        from .looks import LOOKS

        return LOOKS[self.look](self.base.paint(composer))


@picture_kind
@dataclass(frozen=True, slots=True)
class ControlMap:
    """What a control task may see of a scene: `edges`, `depth`, `sketch`."""

    kind: ClassVar[str] = "control"
    what: str
    spec: SceneSpec

    def paint(self, composer: Composer) -> np.ndarray:
        from .control_maps import CONTROL_PAINTERS

        return CONTROL_PAINTERS[self.what](self.spec, composer)


@picture_kind
@dataclass(frozen=True, slots=True)
class Holed:
    """A scene with a part taken out: grey with a fine check, so that it is no colour of the world. `inside` takes the box
    itself out (inpainting), otherwise everything but the box (outpainting)."""

    kind: ClassVar[str] = "holed"
    spec: SceneSpec
    box: Box
    inside: bool

    def paint(self, composer: Composer) -> np.ndarray:
        picture = composer.render([self.spec])[0].copy()
        hole = self.hole(composer.size_px)
        cell = max(1, composer.size_px // 32)
        rows, columns = np.indices(hole.shape)
        check = np.where((rows // cell + columns // cell) % 2 == 0, 138, 118).astype(np.uint8)
        picture[hole] = check[hole][:, None]
        return picture

    def hole(self, size_px: int) -> np.ndarray:
        """bool [size_px, size_px], true where the picture was taken out."""
        hole = np.full((size_px, size_px), not self.inside)
        left, top, right, bottom = (round(v * size_px / BINS) for v in self.box)
        hole[top:bottom, left:right] = self.inside
        return hole


Painter = Callable[[SceneSpec, Composer], np.ndarray]
