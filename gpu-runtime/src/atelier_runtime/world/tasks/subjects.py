"""Subjects shown by reference pictures: one for identity, several for composition."""

from __future__ import annotations

from dataclasses import replace

from ..grammar import is_mass_or_plural
from ..phrases import RELATION_WORDS
from ..relations import canonical_relations
from ..rng import Rng
from ..spec import SceneObject, SceneSpec
from ..vocabulary import Atlas, Preset
from .edit_source import drawn_scenes
from .pictures import PAPERS, Picture, Scene, SubjectCard
from .task_sample import Reference, TaskError, TaskSample
from .wording import a_thing, a_thing_zh, is_unique, noun, noun_zh, opening, scene_questions, setting, square, style_words

_IDENTITY_SEED, _COMPOSE_SEED = 27, 28
_ORDINALS = ("first", "second", "third")
_ORDINALS_ZH = ("第一", "第二", "第三")


def card_of(o: SceneObject, spec: SceneSpec, rng: Rng) -> SubjectCard:
    """The subject as a reference shows it: alone, sometimes facing the other way."""
    return SubjectCard(o.concept, o.colour, spec.style, o.flip != rng.chance(30), rng.below(len(PAPERS)))


def sample_identity(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """One subject from a reference picture, drawn into a new scene. In split `S6` its concept is never named.
    Equal arguments give an equal sample. Errors: TaskError."""
    scenes = "S10" if split == "S6" else split
    for rng, target in drawn_scenes(_IDENTITY_SEED, seed, preset, atlas, scenes):
        choices = [i for i in range(len(target.objects)) if is_unique(target, i)]
        if choices:
            return _identity(rng, seed, target, rng.pick(choices), preset, atlas, split)
    raise TaskError(f"no identity of split {split} for seed {seed} in preset {preset.name}")


def _identity(rng: Rng, seed: int, target: SceneSpec, index: int, preset: Preset, atlas: Atlas, split: str) -> TaskSample:
    subject, rest = target.objects[index], [o for i, o in enumerate(target.objects) if i != index]
    where, where_zh = setting(target, rng)
    named = split != "S6" and rng.chance(50)
    plural = named and is_mass_or_plural(atlas.concepts[subject.concept].name)
    this = f"{'these' if plural else 'this'} {noun(subject, atlas)}" if named else rng.pick(("it", "this one", "the thing in the picture"))
    this_zh = f"图中的{noun_zh(subject, atlas)}" if named else rng.pick(("它", "这个", "图中的东西"))
    beside = f" with {' and '.join(a_thing(o, atlas) for o in _each_once(rest))}" if rest else ""
    beside_zh = f"，旁边有{'和'.join(a_thing_zh(o, atlas) for o in _each_once(rest))}" if rest else ""
    english = ("draw {this} {where}{beside}", "{this} {where}{beside}", "put {this} {where}{beside}", "a picture of {this} {where}{beside}")
    chinese = ("画{this}，{where}{beside}", "把{this}放到{where}{beside}", "{where}，画{this}{beside}")
    words = [f"<ref1> {square(subject)}", *(f"{noun(o, atlas)} {square(o)}" for o in rest)]
    return TaskSample(
        "identity", seed, split, (Reference("subject", card_of(subject, target, rng)),), (Scene(target),), None,
        {"concept": subject.concept, "colour": subject.colour, "named": named, "place": target.place, "time": target.time},
        {
            "layout": f"identity. {opening(target)} <ref1>." + "".join(f" {noun(o, atlas)}." for o in rest),
            "place": f"identity. {opening(target)} {'. '.join(words)}.",
            "en": rng.pick(english).format(this=this, where=where, beside=beside),
            "zh": rng.pick(chinese).format(this=this_zh, where=where_zh, beside=beside_zh),
        },
        scene_questions(target, preset, atlas), len(target.objects) + 1,
    )  # fmt: skip


def _each_once(things: list[SceneObject]) -> list[SceneObject]:
    """Equal things are told once; the layout form has them all."""
    return list({(o.concept, o.colour): o for o in things}.values())


def sample_compose(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> TaskSample:
    """Two or three subjects, each from its own reference, and sometimes the ground from one more, in one picture.
    Equal arguments give an equal sample. Errors: TaskError."""
    for rng, target in drawn_scenes(_COMPOSE_SEED, seed, preset, atlas, split):
        n = len(target.objects)
        if 2 <= n <= 3 and all(is_unique(target, i) for i in range(n)):
            return _compose(rng, seed, target, preset, atlas, split)
    raise TaskError(f"no compose of split {split} for seed {seed} in preset {preset.name}")


def _compose(rng: Rng, seed: int, target: SceneSpec, preset: Preset, atlas: Atlas, split: str) -> TaskSample:
    order = rng.shuffled(list(range(len(target.objects))))
    cards: list[Picture] = [card_of(target.objects[i], target, rng) for i in order]
    references = [Reference("subject", card) for card in cards]
    ground_shown = rng.chance(40)
    where, where_zh = setting(target, rng)
    style, style_zh = style_words(target.style)
    if ground_shown:
        references.append(Reference("background", Scene(replace(target, objects=()))))
        where, where_zh = (
            f"in the place of the {('third', 'fourth')[len(order) - 2]} picture",
            f"{('第三', '第四')[len(order) - 2]}张图的地方",
        )
    english, chinese = _together(rng, target, order, atlas)
    slots = [f"<ref{k + 1}>" for k in range(len(order))]
    head = f"compose. <ref{len(order) + 1}>." if ground_shown else f"compose. {opening(target)}"
    placed = ". ".join(f"{slot} {square(target.objects[i])}" for slot, i in zip(slots, order, strict=True))
    return TaskSample(
        "compose", seed, split, tuple(references), (Scene(target),), None,
        {"concepts": [target.objects[i].concept for i in order], "groundShown": ground_shown, "place": target.place, "time": target.time},
        {
            "layout": f"{head} {' '.join(f'{slot}.' for slot in slots)}",
            "place": f"{head} {placed}.",
            "en": f"{english} {where}, {style} style",
            "zh": f"{where_zh}，{chinese}，{style_zh}风格",
        },
        scene_questions(target, preset, atlas), len(order) + 2,
    )  # fmt: skip


def _together(rng: Rng, target: SceneSpec, order: list[int], atlas: Atlas) -> tuple[str, str]:
    """The subjects by the number of their picture, related where a relation is clear."""

    def told(index: int) -> tuple[str, str]:
        k = order.index(index)
        return f"the thing from the {_ORDINALS[k]} picture", f"{_ORDINALS_ZH[k]}张图里的东西"

    relations = canonical_relations(target, atlas)
    if relations and rng.chance(60):
        a, relation, b = rng.pick(relations)
        rest = [i for i in order if i not in (a, b)]
        words = RELATION_WORDS[relation]
        english = f"{told(a)[0]} {words['en'][0]} {told(b)[0]}" + "".join(f" and {told(i)[0]}" for i in rest)
        chinese = f"{told(a)[1]}在{told(b)[1]}的{words['zh'][0]}" + "".join(f"，还有{told(i)[1]}" for i in rest)
        return english, chinese
    names = [told(i) for i in order]
    english = ", ".join(n[0] for n in names[:-1]) + f" and {names[-1][0]} together"
    return english, "、".join(n[1] for n in names[:-1]) + f"和{names[-1][1]}在一起"
