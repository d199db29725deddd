"""Yes/no questions about a scene with known answers; half of them ask about what is not there or not so."""

from __future__ import annotations

from dataclasses import dataclass

from .captions import groups_of
from .grammar import article, is_mass_or_plural, measure_word, plural
from .phrases import COLOUR_WORDS, COUNT_WORDS, RELATION_WORDS
from .relations import INVERSE, canonical_relations
from .rng import Rng, mix
from .spec import SceneSpec
from .vocabulary import Atlas, Preset

KINDS = ("present", "colour", "relation", "count")


@dataclass(frozen=True, slots=True)
class Question:
    """`objects` are indices into the spec (empty for an absent concept). tier 1 (one thing) to 3 (several things in relation)."""

    kind: str
    answer: bool
    concept: str
    other: str | None
    colour: str | None
    relation: str | None
    count: int | None
    objects: tuple[int, ...]
    tier: int
    en: str
    zh: str


def questions(spec: SceneSpec, preset: Preset, atlas: Atlas, seed: int = 0) -> list[Question]:
    """For every kind that applies one question to be answered yes and one to be answered no. Equal arguments, equal list."""
    rng = Rng(mix(spec.seed, seed, 0x0E57))
    maker = _Maker(spec, preset, atlas, rng)
    return maker.present() + maker.colour() + maker.relation() + maker.count()


class _Maker:
    def __init__(self, spec: SceneSpec, preset: Preset, atlas: Atlas, rng: Rng) -> None:
        self.spec, self.preset, self.atlas, self.rng = spec, preset, atlas, rng
        self.groups = groups_of(spec)

    def _names(self, concept: str) -> tuple[str, str, str]:
        c = self.atlas.concepts[concept]
        name = c.name if is_mass_or_plural(c.name) else f"{article(c.name)} {c.name}"
        return c.name, name, c.name_zh

    def _question(self, kind: str, answer: bool, concept: str, en: str, zh: str, tier: int, **fields: object) -> Question:
        known = {"other": None, "colour": None, "relation": None, "count": None, "objects": ()}
        return Question(kind=kind, answer=answer, concept=concept, tier=tier, en=en, zh=zh, **{**known, **fields})

    def present(self) -> list[Question]:
        asked = self.rng.below(len(self.spec.objects))
        drawn = {o.concept for o in self.spec.objects}
        absent = self.rng.pick([c for c in self.preset.concepts if c not in drawn])
        made = []
        for answer, concept, objects in ((True, self.spec.objects[asked].concept, (asked,)), (False, absent, ())):
            _, name, zh = self._names(concept)
            be = "Are" if is_mass_or_plural(name) else "Is"
            made.append(
                self._question("present", answer, concept, f"{be} there {name} in the picture?", f"画面里有{zh}吗？", 1, objects=objects)
            )
        return made

    def colour(self) -> list[Question]:
        coloured = [i for i, o in enumerate(self.spec.objects) if o.colour is not None]
        if not coloured:
            return []
        asked = self.rng.pick(coloured)
        o = self.spec.objects[asked]
        others = [
            c for c in self.preset.colours if c != o.colour and all(p.colour != c for p in self.spec.objects if p.concept == o.concept)
        ]
        name, _, zh = self._names(o.concept)
        return [
            self._question(
                "colour",
                answer,
                o.concept,
                f"Is the {name} {COLOUR_WORDS[c]['en'][0]}?",
                f"{zh}是{COLOUR_WORDS[c]['zh'][0]}的吗？",
                2,
                colour=c,
                objects=(asked,),
            )
            for answer, c in ((True, o.colour), (False, self.rng.pick(others)))
        ]

    def relation(self) -> list[Question]:
        single = {g.members[0] for g in self.groups if sum(o.concept == g.concept for o in self.spec.objects) == 1}
        told = [(a, r, b) for a, r, b in canonical_relations(self.spec, self.atlas) if a in single and b in single]
        if not told:
            return []
        a, true_relation, b = self.rng.pick(told)
        if self.rng.chance(50):
            a, true_relation, b = b, INVERSE[true_relation], a
        (name, _, zh), (other, _, other_zh) = self._names(self.spec.objects[a].concept), self._names(self.spec.objects[b].concept)
        made = []
        for answer, relation in ((True, true_relation), (False, INVERSE[true_relation])):
            words = RELATION_WORDS[relation]
            made.append(
                self._question(
                    "relation",
                    answer,
                    self.spec.objects[a].concept,
                    f"Is the {name} {words['en'][0]} the {other}?",
                    f"{zh}在{other_zh}的{words['zh'][0]}吗？",
                    3,
                    other=self.spec.objects[b].concept,
                    relation=relation,
                    objects=(a, b),
                )
            )
        return made

    def count(self) -> list[Question]:
        concept = self.rng.pick(sorted({o.concept for o in self.spec.objects}))
        objects = tuple(i for i, o in enumerate(self.spec.objects) if o.concept == concept)
        n = len(objects)
        wrong = n + 1 if n == 1 or self.rng.chance(50) else n - 1
        wrong = wrong if wrong in COUNT_WORDS else n - 1
        c = self.atlas.concepts[concept]
        made = []
        for answer, count in ((True, n), (False, wrong)):
            noun = c.name if count == 1 else plural(c.name)
            be = "Is" if count == 1 else "Are"
            en = f"{be} there exactly {'one' if count == 1 else COUNT_WORDS[count]['en'][0]} {noun}?"
            zh = f"画面里正好有{COUNT_WORDS[count]['zh'][0]}{measure_word(c.id, c.theme)}{c.name_zh}吗？"
            made.append(self._question("count", answer, concept, en, zh, 2, count=count, objects=objects))
        return made
