"""Answers a benchmark's questions by looking at a picture, without any learned part."""

from __future__ import annotations

import dataclasses

import numpy as np

from atelier_runtime.world.questions import Question
from atelier_runtime.world.relations import Box, content_box, relation_between
from atelier_runtime.world.spec import SceneObject, SceneSpec
from atelier_runtime.world.vocabulary import Atlas

from .template_checker import FAINT_CORRELATION, FIND_CORRELATION, MOST_SHARED, BoxVerdict, Detection, TemplateChecker, shared


class Judge:
    """One picture at a time: `look`, then `answer` every question about it.

    located=True: the engine was told where things go, so an asked thing is first looked for in its square; things
    elsewhere count too. located=False (plain text prompts): things are looked for everywhere.
    """

    def __init__(self, checker: TemplateChecker, atlas: Atlas, located: bool = True) -> None:
        self._checker, self._atlas, self._located = checker, atlas, located

    def look(self, picture: np.ndarray, spec: SceneSpec) -> Sight:
        in_place = {i: self._checker.check_box(picture, spec, i) for i in range(len(spec.objects))} if self._located else {}
        return Sight(
            self._checker,
            self._atlas,
            picture,
            spec,
            {i: v for i, v in in_place.items() if v.present},
            self._checker.find_all(picture, spec.style, FAINT_CORRELATION),
        )


class Sight:
    """What the judge saw in one picture."""

    def __init__(
        self,
        checker: TemplateChecker,
        atlas: Atlas,
        picture: np.ndarray,
        spec: SceneSpec,
        in_place: dict[int, BoxVerdict],
        found: list[Detection],
    ) -> None:
        self._checker, self._atlas, self._picture, self._spec = checker, atlas, picture, spec
        self._in_place, self._found = in_place, found

    def answer(self, q: Question) -> bool:
        if q.kind == "present":
            return bool(self.squares(q.concept))
        if q.kind == "colour":
            return any(self._colour(square) == q.colour for square in self.squares(q.concept))
        if q.kind == "relation":
            return self._related(q)
        return len(self.squares(q.concept)) == q.count

    def squares(self, concept: str) -> list[SceneObject]:
        """Where this concept was seen; things in their asked squares first, then others that lie elsewhere."""
        seen = [self._moved(i) for i in self._in_place if self._spec.objects[i].concept == concept]
        for d in self._found:
            # Shared area, not distance: a small thing may stand close to a large one of its kind.
            if d.concept == concept and all(shared(d, o) <= MOST_SHARED for o in seen):
                thing = SceneObject(concept, None, round(d.x), round(d.y), round(d.s))
                if d.correlation >= FIND_CORRELATION or self._is_there(thing):
                    seen.append(thing)
        return seen

    def _is_there(self, thing: SceneObject) -> bool:
        """A second look at something faint: against every concept drawn in its square on this very ground."""
        spec = dataclasses.replace(self._spec, objects=(thing,))
        return self._checker.check_box(self._picture, spec, 0).present

    def _moved(self, index: int) -> SceneObject:
        o, verdict = self._spec.objects[index], self._in_place[index]
        return SceneObject(o.concept, o.colour, round(verdict.x), round(verdict.y), o.s, o.flip, o.rotation)

    def _colour(self, square: SceneObject) -> str | None:
        return self._checker.colour_at(self._picture, self._spec, square, square.x, square.y)

    def _related(self, q: Question) -> bool:
        a, b = self._boxes(q.concept), self._boxes(q.other)
        return any(relation_between(x, y) == q.relation for x in a for y in b)

    def _boxes(self, concept: str | None) -> list[Box]:
        return [content_box(o, self._spec.style, self._atlas) for o in self.squares(concept)] if concept else []
