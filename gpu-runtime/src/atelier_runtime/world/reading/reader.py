"""Caption text -> facts. Longest match into tokens, then noun phrases, then who stands how to whom."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..vocabulary import Atlas, Preset
from .lexicon import Token, lexicon

_MOST_CUTS = 64


class UnreadableCaptionError(ValueError):
    """The text holds a word, or an order of words, that the reader does not know."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One noun phrase. `concepts`: what the noun may name (synonyms can be shared); count 0 where the text tells none."""

    concepts: tuple[str, ...]
    colour: str | None
    count: int
    size: str | None


@dataclass
class CaptionFacts:
    """`told` are the things the caption lists; `positions` and `relations` speak about them again or at once."""

    styles: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    told: list[Phrase] = field(default_factory=list)
    positions: list[tuple[Phrase, str]] = field(default_factory=list)
    relations: list[tuple[Phrase, str, Phrase]] = field(default_factory=list)


class CaptionReader:
    """Reads captions of one language."""

    def __init__(self, language: str, preset: Preset, atlas: Atlas) -> None:
        self._language = language
        self._words = lexicon(language, preset, atlas)
        self._longest = max(map(len, self._words))

    def read(self, text: str) -> CaptionFacts:
        """Errors: UnreadableCaptionError."""
        facts = CaptionFacts()
        sentences = [s for s in re.split(r"(?<=[.。])\s*", text) if s]
        for number, sentence in enumerate(sentences):
            items = self._items(sentence)
            self._scene(items, facts)
            (self._listing if number == 0 else self._statement)(items, facts, sentence)
        return facts

    def _items(self, sentence: str) -> list[Token]:
        """The first way to cut the sentence into known words that makes noun phrases: 小猫咪 is no 小猫 with a rest."""
        failure = UnreadableCaptionError(f"unknown words in {sentence!r}")
        for tokens in itertools.islice(self._cuts(sentence.lower(), 0), _MOST_CUTS):
            try:
                return self._phrases(tokens, sentence)
            except UnreadableCaptionError as error:
                failure = error
        raise failure

    def _cuts(self, text: str, at: int) -> Iterator[list[list[Token]]]:
        """Ways to cut the rest of a text into words, longest words first."""
        while at < len(text) and text[at] == " ":
            at += 1
        if at == len(text):
            yield []
            return
        for n in range(min(self._longest, len(text) - at), 0, -1):
            phrase = text[at : at + n]
            if phrase in self._words and not self._cuts_a_word(text, at, n):
                for rest in self._cuts(text, at + n):
                    yield [self._words[phrase], *rest]

    def _cuts_a_word(self, text: str, at: int, n: int) -> bool:
        return self._language == "en" and at + n < len(text) and text[at + n - 1].isalnum() and text[at + n].isalnum()

    def _phrases(self, tokens: list[list[Token]], sentence: str) -> list[Token]:
        """Joins count, size, colour and noun into phrases; everything else stays a token."""
        items: list[Token] = []
        count, size, colour = 0, None, None
        for meanings in tokens:
            kinds = {kind for kind, _ in meanings}
            if "thing" in kinds:
                concepts = tuple(str(value) for kind, value in meanings if kind == "thing")
                items.append(("phrase", Phrase(concepts, colour, count, size)))
                count, size, colour = 0, None, None
            elif "count" in kinds:
                count = next(int(str(value)) for kind, value in meanings if kind == "count")
            elif "size" in kinds:
                size = next(str(value) for kind, value in meanings if kind == "size")
            elif "colour" in kinds:
                colour = next(str(value) for kind, value in meanings if kind == "colour")
            elif "measure" in kinds:
                if not count:
                    raise UnreadableCaptionError(f"a measure without a number in {sentence!r}")
            else:
                if kinds & {"style", "place", "time", "filler", "relation", "position", "at"} and (size or colour):
                    raise UnreadableCaptionError(f"an adjective without a noun in {sentence!r}")
                if "relation" not in kinds and "position" not in kinds:
                    count = 0
                items.append(meanings[0])
        return items

    def _scene(self, items: list[Token], facts: CaptionFacts) -> None:
        for kind, value in items:
            if kind in ("style", "place", "time"):
                {"style": facts.styles, "place": facts.places, "time": facts.times}[kind].append(str(value))

    def _listing(self, items: list[Token], facts: CaptionFacts, sentence: str) -> None:
        """The first sentence: things, at most one relation between two of them."""
        facts.told += [value for kind, value in items if kind == "phrase"]  # type: ignore[misc]
        for at, (kind, value) in enumerate(items):
            if kind == "relation":
                facts.relations.append(self._related(items, at, str(value), sentence))

    def _statement(self, items: list[Token], facts: CaptionFacts, sentence: str) -> None:
        """A later sentence: one thing and where it is, or a word about the style."""
        phrases = [value for kind, value in items if kind == "phrase"]
        for at, (kind, value) in enumerate(items):
            if kind == "relation" and len(phrases) == 2:
                facts.relations.append(self._related(items, at, str(value), sentence))
            elif kind in ("position", "relation") and len(phrases) == 1:
                facts.positions.append((phrases[0], str(value)))  # type: ignore[arg-type]
            elif kind in ("position", "relation"):
                raise UnreadableCaptionError(f"{len(phrases)} things in {sentence!r}")
        if phrases and not any(kind in ("position", "relation") for kind, _ in items):
            raise UnreadableCaptionError(f"nothing is said in {sentence!r}")

    def _related(self, items: list[Token], at: int, relation: str, sentence: str) -> tuple[Phrase, str, Phrase]:
        """English: a RELATION b. Chinese: a 在 b 的 RELATION."""
        before = [value for kind, value in items[:at] if kind == "phrase"]
        after = [value for kind, value in items[at:] if kind == "phrase"]
        if self._language == "zh" and len(before) >= 2:
            return before[-2], relation, before[-1]  # type: ignore[return-value]
        if self._language == "en" and before and after:
            return before[-1], relation, after[0]  # type: ignore[return-value]
        raise UnreadableCaptionError(f"a relation without two things in {sentence!r}")
