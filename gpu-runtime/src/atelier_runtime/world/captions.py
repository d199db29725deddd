"""Captions of a scene: the layout language the network is trained on, and natural sentences in two languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .grammar import article, is_mass_or_plural, measure_word, plural
from .phrases import COLOUR_WORDS, COUNT_WORDS, PLACE_WORDS, POSITION_WORDS, RELATION_WORDS, SIZE_WORDS, STYLE_WORDS, TIME_WORDS
from .relations import INVERSE, canonical_relations
from .rng import Rng, mix
from .spec import BINS, SceneSpec
from .vocabulary import Atlas

EDITION = 2
LANGUAGES = ("en", "zh")
_NEVER_SAID = frozenset({"snowman without snow", "deciduous tree", "home", "欧洲城堡"})
"""Names that a dictionary of symbols has and nobody says of a thing in a picture. Readers still know them."""
DENSITIES = ("layout", "short", "dense")


def caption(spec: SceneSpec, language: str, density: str, seed: int, atlas: Atlas, edition: int = EDITION) -> str:
    """One caption. `layout` is English only and ignores the seed; `short` and `dense` vary their wording with it.
    Edition 1 is how the frozen benchmarks were written: sizes before colours in Chinese, names that nobody says.

    Equal arguments give equal text. Errors: ValueError for an unknown language or density.
    """
    if density == "layout":
        return layout_caption(spec, atlas)
    if language not in LANGUAGES or density not in DENSITIES:
        raise ValueError(f"no caption in language {language!r}, density {density!r}")
    rng = Rng(mix(spec.seed, seed, LANGUAGES.index(language), DENSITIES.index(density)))
    writer = _English(spec, atlas, rng, edition) if language == "en" else _Chinese(spec, atlas, rng, edition)
    return writer.short() if density == "short" else writer.dense()


def layout_caption(spec: SceneSpec, atlas: Atlas) -> str:
    """`glossy. beach at sunset <v2>. red apple <x20><y40><s24>.`: with it the picture is fully determined."""
    parts = [f"{spec.style}. {spec.place} at {spec.time} <v{spec.variant}>."]
    for o in spec.objects:
        colour = f"{o.colour} " if o.colour else ""
        parts.append(f"{colour}{atlas.concepts[o.concept].name} <x{o.x}><y{o.y}><s{o.s}>.")
    return " ".join(parts)


@dataclass(frozen=True)
class Group:
    """Equal things of a scene, spoken of together; `members` are object indices."""

    concept: str
    colour: str | None
    members: tuple[int, ...]


def groups_of(spec: SceneSpec) -> list[Group]:
    found: dict[tuple[str, str | None], list[int]] = {}
    for i, o in enumerate(spec.objects):
        found.setdefault((o.concept, o.colour), []).append(i)
    return [Group(concept, colour, tuple(members)) for (concept, colour), members in found.items()]


class _Writer:
    """What both languages share: which groups, relations, sizes and positions there are to tell."""

    language: str

    def __init__(self, spec: SceneSpec, atlas: Atlas, rng: Rng, edition: int) -> None:
        self.spec, self.atlas, self.rng, self.edition = spec, atlas, rng, edition
        self.groups = rng.shuffled(groups_of(spec))

    def word(self, table: dict, key: object, first_percent: int = 60) -> str:
        """The preferred word most of the time, another one otherwise."""
        words: Sequence[str] = table[key][self.language]
        return words[0] if len(words) == 1 or self.rng.chance(first_percent) else self.rng.pick(words[1:])

    def noun(self, name: str, synonyms: Sequence[str]) -> str:
        said = [n for n in synonyms if self.edition == 1 or n not in _NEVER_SAID]
        return name if not said or self.rng.chance(85) else self.rng.pick(said)

    def style(self) -> str:
        return self.word(STYLE_WORDS, self.spec.style, 75)

    def relations(self) -> list[tuple[Group, str, Group]]:
        """Clear relations between single things, each told from a random side."""
        single = {g.members[0]: g for g in self.groups if len(g.members) == 1}
        told = []
        for a, relation, b in canonical_relations(self.spec, self.atlas):
            if a in single and b in single:
                told.append((single[a], relation, single[b]) if self.rng.chance(50) else (single[b], INVERSE[relation], single[a]))
        return self.rng.shuffled(told)

    def position(self, group: Group) -> str:
        o = self.spec.objects[group.members[0]]
        if self.atlas.concepts[o.concept].placement == "sky" and self.spec.place != "table" and self.rng.chance(50):
            return self.word(POSITION_WORDS, "sky")
        return self.word(POSITION_WORDS, "left" if o.x < 0.4 * BINS else "right" if o.x > 0.6 * BINS else "middle")

    def size(self, group: Group) -> str:
        side = self.spec.objects[group.members[0]].s
        if side <= 0.28 * BINS:
            return self.word(SIZE_WORDS, "small")
        return self.word(SIZE_WORDS, "large") if side >= 0.5 * BINS else ""


class _English(_Writer):
    language = "en"

    def name(self, group: Group, definite: bool = False, sized: bool = False) -> str:
        concept = self.atlas.concepts[group.concept]
        noun = self.noun(concept.name, concept.synonyms)
        before = [self.size(group)] if sized and not definite else []
        before += [self.word(COLOUR_WORDS, group.colour)] if group.colour else []
        n = len(group.members)
        if n > 1:
            count = "the" if definite else COUNT_WORDS[n]["en"][0] if self.rng.chance(85) else COUNT_WORDS[n]["en"][1]
            return " ".join([count, *filter(None, before), plural(noun)])
        phrase = " ".join([*filter(None, before), noun])
        if definite:
            return f"the {phrase}"
        return phrase if is_mass_or_plural(noun) else f"{article(phrase)} {phrase}"

    def list(self, groups: Sequence[Group], **how: bool) -> str:
        names = [self.name(group, **how) for group in groups]
        return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]

    def subject(self) -> str:
        """The things, related where that reads well."""
        told = self.relations()
        if told and self.rng.chance(65):
            a, relation, b = told[0]
            rest = [g for g in self.groups if g not in (a, b)]
            text = f"{self.name(a)} {self.word(RELATION_WORDS, relation)} {self.name(b)}"
            return text + (f" and {self.list(rest)}" if rest else "")
        return self.list(self.groups)

    def short(self) -> str:
        place, time = self.word(PLACE_WORDS, self.spec.place), self.word(TIME_WORDS, self.spec.time)
        subject, style = self.subject(), self.style()
        form = self.rng.weighted([(0, 40), (1, 20), (2, 15), (3, 10), (4, 8), (5, 7)])
        return (
            f"{subject} {place} {time}, {style} style",
            f"{article(style)} {style} illustration of {subject} {place} {time}",
            f"{style} style: {subject} {place}, {time}",
            f"{subject}, {place} {time}, {style}",
            f"draw {subject} {place} {time} in {article(style)} {style} style",
            f"{subject} {place} {time}",
        )[form]

    def dense(self) -> str:
        place, time = self.word(PLACE_WORDS, self.spec.place), self.word(TIME_WORDS, self.spec.time)
        style = self.style()
        opening = self.rng.pick(
            (
                f"{article(style).capitalize()} {style} illustration of {self.list(self.groups, sized=True)} {place} {time}.",
                f"{self.list(self.groups, sized=True)} {place} {time}, drawn in {article(style)} {style} style.",
                f"The picture shows {self.list(self.groups, sized=True)} {place} {time}. The style is {style}.",
                f"{article(style).capitalize()} {style} picture {place} {time} with {self.list(self.groups, sized=True)}.",
            )
        )
        sentences = [opening[0].upper() + opening[1:]]
        for group in self.groups:
            if len(group.members) == 1 and (len(self.groups) == 1 or self.rng.chance(45)):
                be = "are" if is_mass_or_plural(self.atlas.concepts[group.concept].name) else "is"
                text = f"{self.name(group, definite=True)} {be} {self.position(group)}."
                sentences.append(text[0].upper() + text[1:])
        for a, relation, b in self.relations()[:2]:
            be = "are" if is_mass_or_plural(self.atlas.concepts[a.concept].name) else "is"
            text = f"{self.name(a, definite=True)} {be} {self.word(RELATION_WORDS, relation)} {self.name(b, definite=True)}."
            sentences.append(text[0].upper() + text[1:])
        return " ".join(sentences)


class _Chinese(_Writer):
    language = "zh"

    def name(self, group: Group, definite: bool = False, sized: bool = False) -> str:
        concept = self.atlas.concepts[group.concept]
        if self.edition == 1:
            noun = self.noun(concept.name_zh, concept.synonyms_zh)
        size = self.size(group) if sized else ""
        if self.edition > 1:
            # 大小狗 would be a large small dog.
            noun = self.noun(concept.name_zh, tuple(n for n in concept.synonyms_zh if not size or n[0] not in "大小"))
        colour = f"{self.word(COLOUR_WORDS, group.colour, 100 if size else 85)}的" if group.colour else ""
        if definite:
            return f"{colour}{noun}"
        number = COUNT_WORDS[len(group.members)]["zh"][0]
        return f"{number}{measure_word(group.concept, concept.theme)}{size + colour if self.edition == 1 else colour + size}{noun}"

    def list(self, groups: Sequence[Group], **how: bool) -> str:
        names = [self.name(group, **how) for group in groups]
        return names[0] if len(names) == 1 else "、".join(names[:-1]) + self.rng.pick(("和", "与")) + names[-1]

    def scene(self) -> str:
        time, place = self.word(TIME_WORDS, self.spec.time), self.word(PLACE_WORDS, self.spec.place)
        # 白天的冬天的雪地上 says 的 twice where once is enough.
        return f"{time}的{place if self.edition == 1 else place.removeprefix('冬天的')}"

    def subject(self) -> str:
        told = self.relations()
        if told and self.rng.chance(65):
            a, relation, b = told[0]
            rest = [g for g in self.groups if g not in (a, b)]
            return f"{self.name(a)}在{self.name(b)}的{self.word(RELATION_WORDS, relation)}" + (f"，还有{self.list(rest)}" if rest else "")
        return f"有{self.list(self.groups)}"

    def short(self) -> str:
        scene, subject, style = self.scene(), self.subject(), self.style()
        things = self.list(self.groups)
        form = self.rng.weighted([(0, 40), (1, 20), (2, 15), (3, 15), (4, 10)])
        return (
            f"{scene}，{subject}，{style}风格",
            f"{style}风格插画：{scene}{subject if subject[0] == '有' else '，' + subject}",
            f"画一幅{style}风格的画，{scene}{'，' + subject}",
            f"{scene}的{things}，{style}风格",
            f"{scene}，{subject}",
        )[form]

    def dense(self) -> str:
        style = self.style()
        sentences = [
            self.rng.pick(
                (
                    f"{style}风格的插画，{self.scene()}有{self.list(self.groups, sized=True)}。",
                    f"画面里，{self.scene()}有{self.list(self.groups, sized=True)}，画风是{style}风格。",
                    f"{self.scene()}，{self.list(self.groups, sized=True)}，{style}风格。",
                )
            )
        ]
        for group in self.groups:
            if len(group.members) == 1 and (len(self.groups) == 1 or self.rng.chance(45)):
                sentences.append(f"{self.name(group, definite=True)}在{self.position(group)}。")
        for a, relation, b in self.relations()[:2]:
            sentences.append(f"{self.name(a, definite=True)}在{self.name(b, definite=True)}的{self.word(RELATION_WORDS, relation)}。")
        return "".join(sentences)
