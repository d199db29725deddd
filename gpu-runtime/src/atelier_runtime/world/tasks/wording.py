"""Noun phrases and places of instructions in both languages."""

from __future__ import annotations

from ..grammar import article, is_mass_or_plural, measure_word
from ..phrases import COLOUR_WORDS, PLACE_WORDS, RELATION_WORDS, STYLE_WORDS, TIME_WORDS
from ..questions import Question, questions
from ..relations import content_box, relation_between
from ..rng import Rng
from ..spec import BINS, SceneObject, SceneSpec
from ..vocabulary import Atlas, Preset
from .task_sample import TaskQuestion


def noun(o: SceneObject, atlas: Atlas) -> str:
    """`red apple`: the layout language's words for a thing."""
    return f"{o.colour} {atlas.concepts[o.concept].name}" if o.colour else atlas.concepts[o.concept].name


def square(o: SceneObject) -> str:
    return f"<x{o.x}><y{o.y}><s{o.s}>"


def a_thing(o: SceneObject, atlas: Atlas) -> str:
    """`a red apple`, `grapes`."""
    words = noun(o, atlas)
    return words if is_mass_or_plural(atlas.concepts[o.concept].name) else f"{article(words)} {words}"


def the_thing(o: SceneObject, atlas: Atlas) -> str:
    return f"the {noun(o, atlas)}"


def noun_zh(o: SceneObject, atlas: Atlas) -> str:
    name = atlas.concepts[o.concept].name_zh
    return f"{COLOUR_WORDS[o.colour]['zh'][0]}的{name}" if o.colour else name


def a_thing_zh(o: SceneObject, atlas: Atlas) -> str:
    concept = atlas.concepts[o.concept]
    return f"一{measure_word(concept.id, concept.theme)}{noun_zh(o, atlas)}"


def is_unique(spec: SceneSpec, index: int) -> bool:
    """Is the object's name enough to say which one is meant?"""
    return sum(o.concept == spec.objects[index].concept for o in spec.objects) == 1


def whereabouts(spec: SceneSpec, index: int, atlas: Atlas, rng: Rng) -> tuple[str, str, dict]:
    """Where an object is, told by another object where that is clear, else by the side of the frame: (English, Chinese, fact)."""
    o = spec.objects[index]
    box = content_box(o, spec.style, atlas)
    for other in rng.shuffled([i for i in range(len(spec.objects)) if i != index and is_unique(spec, i)]):
        p = spec.objects[other]
        relation = relation_between(box, content_box(p, spec.style, atlas))
        if relation is not None and p.concept != o.concept:
            words = RELATION_WORDS[relation]
            fact = {"relation": relation, "to": p.concept}
            return f"{words['en'][0]} {the_thing(p, atlas)}", f"{noun_zh(p, atlas)}的{words['zh'][0]}", fact
    return side_words(side_of(o))


def side_words(side: str) -> tuple[str, str, dict]:
    english = {"left": "on the left", "middle": "in the middle", "right": "on the right"}[side]
    return english, {"left": "画面左侧", "middle": "画面中央", "right": "画面右侧"}[side], {"side": side}


def side_of(o: SceneObject) -> str:
    return "left" if o.x < 0.4 * BINS else "right" if o.x > 0.6 * BINS else "middle"


def setting(spec: SceneSpec, rng: Rng) -> tuple[str, str]:
    """Place and time: (`on a beach at sunset`, `日落时分的海滩上`)."""
    place, time = PLACE_WORDS[spec.place], TIME_WORDS[spec.time]
    return f"{rng.pick(place['en'][:3])} {rng.pick(time['en'][:3])}", f"{rng.pick(time['zh'][:3])}的{rng.pick(place['zh'][:2])}"


def style_words(style: str) -> tuple[str, str]:
    return STYLE_WORDS[style]["en"][0], STYLE_WORDS[style]["zh"][0]


def opening(spec: SceneSpec) -> str:
    """`glossy. beach at sunset <v2>.`"""
    return f"{spec.style}. {spec.place} at {spec.time} <v{spec.variant}>."


def scene_questions(spec: SceneSpec, preset: Preset, atlas: Atlas, frame: int = 0) -> tuple[TaskQuestion, ...]:
    """The world's questions about a scene, as questions about target `frame`."""
    if not spec.objects:
        return ()
    return tuple(task_question(q, frame) for q in questions(spec, preset, atlas, frame))


def task_question(q: Question, frame: int = 0) -> TaskQuestion:
    return TaskQuestion(q.kind, q.answer, q.en, q.zh, q.tier, frame, q)


def presence(concept: str, answer: bool, atlas: Atlas, frame: int = 0) -> TaskQuestion:
    """Is this thing there (now)?"""
    c = atlas.concepts[concept]
    name = c.name if is_mass_or_plural(c.name) else f"{article(c.name)} {c.name}"
    en = f"{'Are' if is_mass_or_plural(c.name) else 'Is'} there {name} in the picture?"
    q = Question("present", answer, concept, None, None, None, None, (), 1, en, f"画面里有{c.name_zh}吗？")
    return task_question(q, frame)
