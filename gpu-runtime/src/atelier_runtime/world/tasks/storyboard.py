"""Storyboards: two to four pictures in which the same hero lives through a small story."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..captions import layout_caption
from ..rng import Rng, mix
from ..sample import in_drawing_order, is_crowded, place_thing
from ..spec import SceneObject, SceneSpec
from ..splits import is_held_out
from ..vocabulary import Atlas, Preset
from .background import stands_at
from .edit_source import drawn_scenes, is_allowed
from .pictures import Scene
from .task_sample import TaskError, TaskQuestion, TaskSample
from .wording import a_thing, a_thing_zh, noun_zh, scene_questions, setting, style_words, the_thing

_TASK_SEED = 29
_EVENTS = ("meets", "walks", "travels", "later", "alone")


@dataclass(frozen=True, slots=True)
class _Frame:
    spec: SceneSpec
    en: str
    zh: str


def sample_storyboard(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """Equal arguments give an equal sample. Errors: TaskError."""
    for rng, first in drawn_scenes(_TASK_SEED, seed, preset, atlas, split):
        if len(first.objects) != 1:
            continue
        count = 2 + rng.below(3)
        frames = _story(rng, first, count, preset, atlas, split)
        if frames is not None:
            return _sample(rng, seed, frames, preset, atlas, split)
    raise TaskError(f"no storyboard of split {split} for seed {seed} in preset {preset.name}")


def _story(rng: Rng, first: SceneSpec, count: int, preset: Preset, atlas: Atlas, split: str) -> list[_Frame] | None:
    hero = first.objects[0]
    if hero.s > 40:
        return None
    where, where_zh = setting(first, rng)
    frames = [_Frame(first, f"{a_thing(hero, atlas)} {where}", f"{where_zh}有{a_thing_zh(hero, atlas)}")]
    last = ""
    while len(frames) < count:
        for event in rng.shuffled([e for e in _EVENTS if e != last]):
            frame = _next(rng, event, frames[-1].spec, hero, preset, atlas)
            if frame is not None and is_allowed(frame.spec, atlas, split):
                frames.append(frame)
                last = event
                break
        else:
            return None
    return frames


def _next(rng: Rng, event: str, now: SceneSpec, hero: SceneObject, preset: Preset, atlas: Atlas) -> _Frame | None:
    name, name_zh = the_thing(hero, atlas), noun_zh(hero, atlas)
    me = next(o for o in now.objects if o.concept == hero.concept)
    others = [o for o in now.objects if o is not me]
    if event == "meets" and len(others) < 2:
        return _meeting(rng, now, me, preset, atlas, name, name_zh)
    if event == "walks":
        spot = _spot(rng, now, me, others, preset, atlas)
        if spot is None or abs(spot.x - me.x) < 10:
            return None
        side, side_zh = ("left", "左") if spot.x < me.x else ("right", "右")
        spec = replace(now, objects=in_drawing_order([*others, spot], atlas))
        return _Frame(spec, f"{name} moves to the {side}", f"{name_zh}移到{side_zh}边")
    if event == "travels":
        places = [p for p in preset.places if p != now.place and stands_at(me, p, atlas)]
        if not places:
            return None
        spec = replace(now, place=rng.pick(places), variant=rng.below(preset.variants), objects=(me,))
        where, where_zh = setting(spec, rng)
        return _Frame(spec, f"now {name} is {where}", f"{name_zh}来到{where_zh}")
    if event == "later":
        times = [t for t in preset.times if t != now.time]
        if not times:
            return None
        spec = replace(now, time=rng.pick(times))
        word, word_zh = {
            "day": ("it is day", "天亮了"),
            "sunset": ("the sun goes down", "太阳下山了"),
            "night": ("night falls", "夜幕降临"),
            "dawn": ("morning breaks", "清晨来临"),
        }[spec.time]
        return _Frame(spec, word, word_zh)
    if event == "alone" and others:
        return _Frame(replace(now, objects=(me,)), f"{name} stays alone", f"只剩下{name_zh}")
    return None


def _meeting(rng: Rng, now: SceneSpec, me: SceneObject, preset: Preset, atlas: Atlas, name: str, name_zh: str) -> _Frame | None:
    present = {o.concept for o in now.objects}
    concept = rng.pick([c for c in preset.concepts_at(atlas, now.place) if c not in present] or [me.concept])
    if concept == me.concept:
        return None
    colours = [c for c in atlas.concepts[concept].colours(now.style) if c in preset.colours and not is_held_out(f"S1|{c}|{concept}")]
    side = rng.pick([s for s in preset.sides if s <= 26] or [min(preset.sides)])
    guest = SceneObject(concept, rng.pick(colours) if colours and rng.chance(35) else None, 0, 0, side)
    spot = _spot(rng, now, guest, list(now.objects), preset, atlas)
    if spot is None:
        return None
    spec = replace(now, objects=in_drawing_order([*now.objects, spot], atlas))
    return _Frame(spec, f"{name} meets {a_thing(guest, atlas)}", f"{name_zh}遇到{a_thing_zh(guest, atlas)}")


def _spot(rng: Rng, now: SceneSpec, thing: SceneObject, others: list[SceneObject], preset: Preset, atlas: Atlas) -> SceneObject | None:
    for _ in range(40):
        spot = place_thing(rng, preset, atlas, now.place, thing)
        if spot is not None and not is_crowded(spot, others, now.style, atlas):
            return spot
    return None


def _sample(rng: Rng, seed: int, frames: list[_Frame], preset: Preset, atlas: Atlas, split: str) -> TaskSample:
    style, style_zh = style_words(frames[0].spec.style)
    layouts = tuple(layout_caption(f.spec, atlas) for f in frames)
    texts = {"en": tuple(f.en for f in frames), "zh": tuple(f.zh for f in frames), "place": layouts, "layout": layouts}
    hero = frames[0].spec.objects[0].concept
    asked: list[TaskQuestion] = []
    for k, frame in enumerate(frames):
        asked += scene_questions(replace(frame.spec, seed=mix(frame.spec.seed, k)), preset, atlas, k)
    numbered = " ".join(f"<out{k + 1}> {text}" for k, text in enumerate(layouts))
    return TaskSample(
        "storyboard", seed, split, (), tuple(Scene(f.spec) for f in frames), None, {"hero": hero, "frames": len(frames)},
        {
            "layout": f"storyboard. {numbered}",
            "place": f"storyboard. {numbered}",
            "en": f"a story in {len(frames)} pictures, {style} style: " + "; ".join(f"{k + 1}. {f.en}" for k, f in enumerate(frames)),
            "zh": f"{style_zh}风格的{'两三四'[len(frames) - 2]}格故事：" + "；".join(f"{k + 1}. {f.zh}" for k, f in enumerate(frames)),
        },
        tuple(asked), len(frames) + 1, texts,
    )  # fmt: skip
