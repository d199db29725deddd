"""Text in the picture: a sign in a scene, a poster, a greeting card, a speech bubble. Letters are exact, in known fonts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..compose import Composer
from ..questions import Question
from ..rng import Rng
from ..spec import BINS, SceneSpec
from ..vocabulary import Atlas, Preset
from .edit_source import drawn_scenes
from .lettering import draw_lines, fitted, font_words
from .pictures import Box, picture_kind
from .strings import texts
from .task_sample import TaskError, TaskQuestion, TaskSample
from .wording import a_thing, a_thing_zh, opening, presence, setting, style_words

_TASK_SEED = 30
SURFACES = ("sign", "poster", "card", "bubble")
_SURFACE_WORDS = {
    "sign": ("a wooden sign", "木牌"),
    "poster": ("a poster", "海报"),
    "card": ("a greeting card", "贺卡"),
    "bubble": ("a speech bubble", "对话框"),
}
_FONT_WORDS = {
    "plain": ("plain", "普通"),
    "round": ("rounded", "圆体"),
    "slab": ("slab serif", "粗衬线"),
    "comic": ("comic", "漫画"),
    "script": ("handwritten", "手写"),
    "mono": ("typewriter", "打字机"),
    "hei": ("bold", "黑体"),
    "song": ("serif", "宋体"),
}
_PALETTES = (
    ("#fff4d6", "#e4572e"),
    ("#e3f2fd", "#1b4f9c"),
    ("#fde7ef", "#b3246b"),
    ("#e8f6e9", "#1f7a4d"),
    ("#272a4b", "#ffd166"),
    ("#ff6f61", "#fffaf0"),
    ("#2a9d8f", "#ffffff"),
    ("#f4a261", "#3b2314"),
)


@picture_kind
@dataclass(frozen=True, slots=True)
class TextPicture:
    """A scene with writing. `text` has its line breaks; `box` (bins) is where it is written."""

    kind: ClassVar[str] = "text"
    surface: str
    text: str
    font: str
    palette: int
    spec: SceneSpec
    box: Box

    def paint(self, composer: Composer) -> np.ndarray:
        scale = 2
        big = Composer(composer.atlas, composer.size_px * scale, cache_bytes=1) if self.surface in ("poster", "card") else None
        base = _paper(self, big) if big else composer.render([self.spec])[0]
        image = Image.fromarray(base).resize((composer.size_px * scale,) * 2, Image.Resampling.BICUBIC)
        ground, ink = _PALETTES[self.palette % len(_PALETTES)]
        unit = image.width / BINS
        left, top, right, bottom = (v * unit for v in self.box)
        draw = ImageDraw.Draw(image)
        if self.surface == "sign":
            _board(image, (left, top, right, bottom), unit)
            ink = "#fff3d9"
        elif self.surface == "bubble":
            _bubble(image, self.spec, (left, top, right, bottom), unit)
            ink = "#26263a"
        draw = ImageDraw.Draw(image)
        inset = 2.2 * unit
        lines = self.text.split("\n")
        f = fitted(self.font, lines, right - left - 2 * inset, bottom - top - 1.2 * inset, 1.16)
        draw_lines(draw, ((left + right) / 2, (top + bottom) / 2), lines, f, ink, 1.16)
        return np.asarray(image.resize((composer.size_px,) * 2, Image.Resampling.BOX))


def _paper(picture: TextPicture, composer: Composer) -> np.ndarray:
    """A flat ground with a pattern, the first thing of the scene below the writing."""
    ground, ink = (np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)], np.float32) for c in _PALETTES[picture.palette % len(_PALETTES)])
    size = composer.size_px
    y, x = np.mgrid[:size, :size].astype(np.float32) * (BINS / size)
    pattern = picture.palette % 3
    if pattern == 0:
        share = ((np.hypot((x % 6) - 3, (y % 6) - 3) < 0.9) * 0.14).astype(np.float32)
    elif pattern == 1:
        share = (np.floor((x + y) / 4) % 2 * 0.07).astype(np.float32)
    else:
        angle = np.arctan2(y - 40, x - 32)
        share = ((np.floor(angle / np.pi * 12) % 2) * 0.08).astype(np.float32)
    pixels = ground + (ink - ground) * share[..., None]
    if picture.surface == "card":
        edge = np.minimum(np.minimum(x, BINS - x), np.minimum(y, BINS - y))
        frame = ((edge > 1.6) & (edge < 2.4)) | ((edge > 2.9) & (edge < 3.2))
        pixels[frame] = ink * 0.75 + ground * 0.25
    image = Image.fromarray(pixels.astype(np.uint8))
    o = picture.spec.objects[0]
    side = round(30 * size / BINS)
    sprite = Image.fromarray(composer.atlas.sprite(o.concept, picture.spec.style, o.colour)).resize((side, side), Image.Resampling.LANCZOS)
    shadow = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    shadow.putalpha(sprite.getchannel("A").point(lambda a: a * 60 // 255))
    at = ((size - side) // 2, round(29 * size / BINS))
    soft = shadow.filter(ImageFilter.GaussianBlur(size / 120))
    image.paste(soft, (at[0] + size // 90, at[1] + size // 70), soft)
    image.paste(sprite, at, sprite)
    return np.asarray(image)


def _board(image: Image.Image, box: tuple[float, float, float, float], unit: float) -> None:
    left, top, right, bottom = box
    shade = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(shade)
    foot = min(image.height - 1.5 * unit, bottom + 13 * unit)
    pen.ellipse(((left + right) / 2 - 11 * unit, foot - 1.1 * unit, (left + right) / 2 + 11 * unit, foot + 1.2 * unit), fill=110)
    pen.rounded_rectangle((left + unit, top + unit, right + unit, bottom + unit), 2 * unit, fill=80)
    image.paste((30, 24, 30), (0, 0), shade.filter(ImageFilter.GaussianBlur(unit)))
    draw = ImageDraw.Draw(image)
    for x in (left + (right - left) * 0.22, left + (right - left) * 0.78):
        draw.rounded_rectangle((x - 1.1 * unit, top + unit, x + 1.1 * unit, foot), 0.6 * unit, fill="#7a4d2b")
        draw.rectangle((x + 0.4 * unit, bottom, x + 1.0 * unit, foot - 0.4 * unit), fill="#64401f")
    draw.rounded_rectangle(box, 2 * unit, fill="#8a5a33", outline="#5d3a1c", width=max(2, round(0.6 * unit)))
    draw.rounded_rectangle((left + unit, top + unit, right - unit, bottom - unit), 1.4 * unit, fill="#a06b3e")
    planks = max(2, round((bottom - top) / (6 * unit)))
    for i in range(1, planks):
        y = top + (bottom - top) * i / planks
        draw.line((left + 1.2 * unit, y, right - 1.2 * unit, y), fill="#8f5e36", width=max(1, round(0.25 * unit)))
    for x in (left + 2.2 * unit, right - 2.2 * unit):
        for y in (top + 2.2 * unit, bottom - 2.2 * unit):
            draw.ellipse((x - 0.45 * unit, y - 0.45 * unit, x + 0.45 * unit, y + 0.45 * unit), fill="#4a2e16")


def _bubble(image: Image.Image, spec: SceneSpec, box: tuple[float, float, float, float], unit: float) -> None:
    o = spec.objects[0]
    left, top, right, bottom = box
    tip = (max(left + 3 * unit, min(right - 3 * unit, o.x * unit)), (o.y - o.s * 0.42) * unit)
    root = min(max(tip[0], left + 8 * unit), right - 8 * unit)
    tail = [(root - 2.6 * unit, bottom - unit), (root + 2.6 * unit, bottom - unit), (tip[0], max(bottom + 2 * unit, tip[1]))]
    shade = Image.new("L", image.size, 0)
    ImageDraw.Draw(shade).rounded_rectangle((left + 0.8 * unit, top + unit, right + 0.8 * unit, bottom + unit), 5 * unit, fill=90)
    image.paste((20, 20, 40), (0, 0), shade.filter(ImageFilter.GaussianBlur(unit)))
    draw = ImageDraw.Draw(image)
    line = max(2, round(0.5 * unit))
    draw.polygon(tail, fill="white", outline="#26263a", width=line)
    draw.rounded_rectangle(box, 5 * unit, fill="white", outline="#26263a", width=line)
    draw.polygon(
        [(tail[0][0] + line, bottom - line * 1.6), (tail[1][0] - line, bottom - line * 1.6), (tail[2][0], tail[2][1] - 2.6 * line)],
        fill="white",
    )


def sample_text(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """Split `S7` writes texts that training never drew, in fonts it never saw. Equal arguments give an equal sample. Errors: TaskError."""
    for rng, scene in drawn_scenes(_TASK_SEED, seed, preset, atlas, "S10" if split == "S7" else split):
        surface = rng.pick(SURFACES)
        placed = _placed(scene, surface)
        if placed is None:
            continue
        language = "zh" if rng.chance(40) else "en"
        text = rng.pick(texts(language, split))
        face = rng.pick(font_words("chinese" if language == "zh" else "latin", "test" if split == "S7" else "train"))
        spec, box = placed
        return _sample(
            rng, seed, TextPicture(surface, broken(text, language), face, rng.below(24), spec, box), text, language, preset, atlas, split
        )
    raise TaskError(f"no text of split {split} for seed {seed} in preset {preset.name}")


def _placed(scene: SceneSpec, surface: str) -> tuple[SceneSpec, Box] | None:
    """The scene reduced to what leaves room, and where the writing goes."""
    if surface in ("poster", "card"):
        return replace(scene, objects=scene.objects[-1:]), (5, 6, 59, 28)
    if surface == "sign":
        low = tuple(o for o in scene.objects if o.s <= 24 and (o.x <= 16 or o.x >= 48))
        return (replace(scene, objects=low), (12, 20, 52, 40)) if low and scene.place != "table" else None
    speaker = [o for o in scene.objects if o.s >= 24 and o.y - o.s / 2 >= 22]
    return (replace(scene, objects=(speaker[0],)), (6, 4, 58, 19)) if speaker else None


def broken(text: str, language: str) -> str:
    """At most two lines of similar length."""
    if language == "zh":
        return text if len(text) <= 4 else f"{text[: (len(text) + 1) // 2]}\n{text[(len(text) + 1) // 2 :]}"
    words = text.split(" ")
    if len(words) == 1 or len(text) <= 7:
        return text
    cut = min(range(1, len(words)), key=lambda i: abs(len(" ".join(words[:i])) - len(" ".join(words[i:]))))
    return " ".join(words[:cut]) + "\n" + " ".join(words[cut:])


def _sample(rng: Rng, seed: int, picture: TextPicture, text: str, language: str, preset: Preset, atlas: Atlas, split: str) -> TaskSample:
    (surface, surface_zh), (face, face_zh) = _SURFACE_WORDS[picture.surface], _FONT_WORDS[picture.font]
    thing = picture.spec.objects[0]
    where, where_zh = setting(picture.spec, rng)
    style, style_zh = style_words(picture.spec.style)
    with_thing = f"with {a_thing(thing, atlas)}"
    scene = f"{with_thing} {where}, {style} style" if picture.surface in ("sign", "bubble") else f"{with_thing}, {style} style"
    scene_zh = f"{where_zh}，{a_thing_zh(thing, atlas)}" if picture.surface in ("sign", "bubble") else f"画着{a_thing_zh(thing, atlas)}"
    english = (
        f'{surface} that says "{text}" in {face} letters, {scene}', f'{surface} {scene}, the text reads "{text}" in {face} letters',
        f'write "{text}" in {face} letters on {surface} {scene}',
    )  # fmt: skip
    chinese = (
        f"{surface_zh}上用{face_zh}字写着“{text}”，{scene_zh}，{style_zh}风格",
        f"{scene_zh}，{surface_zh}上写“{text}”，{face_zh}字，{style_zh}风格",
    )
    layout = f'text. {opening(picture.spec)} {picture.surface}. {picture.font}. "{text}".'
    wrong = rng.pick([t for t in texts(language, split) if t != text])
    return TaskSample(
        "text",
        seed,
        split,
        (),
        (picture,),
        None,
        {"text": text, "language": language, "font": picture.font, "surface": picture.surface, "concept": thing.concept},
        {"layout": layout, "place": layout, "en": rng.pick(english), "zh": rng.pick(chinese)},
        (
            _reads(text, True),
            _reads(wrong, False),
            presence(thing.concept, True, atlas),
            presence(_absent(rng, picture.spec, preset), False, atlas),
        ),
        min(5, 1 + len(text) // 5),
    )


def _absent(rng: Rng, spec: SceneSpec, preset: Preset) -> str:
    drawn = {o.concept for o in spec.objects}
    return rng.pick([c for c in preset.concepts if c not in drawn])


def _reads(text: str, answer: bool) -> TaskQuestion:
    q = Question("text", answer, "", None, None, None, None, (), 2, f'Does the text read "{text}"?', f"文字是“{text}”吗？")
    return TaskQuestion("text", answer, q.en, q.zh, 2, 0, None, text)
