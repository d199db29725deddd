"""Was the asked thing done? One exact test a task, by the judge that has learned nothing, beside the questions of the sample.

What a wording leaves open is not held against a picture: a thing whose place was not told may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.questions import Question
from atelier_runtime.world.spec import BINS, SceneObject, SceneSpec
from atelier_runtime.world.tasks.pictures import Holed, Scene
from atelier_runtime.world.tasks.task_sample import TaskQuestion, object_box, untouched
from atelier_runtime.world.tasks.wording import side_of
from atelier_runtime.world.vocabulary import Atlas, preset

from .bench_v1.freeze import balanced
from .bench_v1.measures import edge_f1, edit_done, locality_db
from .ground_texture import has_ground_detail
from .judge import Judge, Sight
from .task_samples import TaskTrial
from .template_checker import TemplateChecker

_GROUND_PX = 64
"""Grounds are told apart on small pictures."""
_PLACED = ("place",)
"""Wordings that say where a thing goes."""


@dataclass(frozen=True)
class Judgement:
    """`done`: the asked change or picture is there. `answers`: (kind, answered right). `values`: decibels and shares."""

    done: bool
    answers: tuple[tuple[str, bool], ...]
    values: dict[str, float]


class TaskJudge:
    """Judges the pictures [size_px, size_px, 3] uint8 of one trial."""

    def __init__(self, atlas: Atlas, size_px: int) -> None:
        self.atlas, self.composer = atlas, Composer(atlas, size_px)
        self._small = Composer(atlas, _GROUND_PX)
        self._checkers: dict[str, TemplateChecker] = {}
        self._sights: dict[tuple[int, SceneSpec], Sight] = {}
        self._tests: dict[str, Callable[[TaskTrial, Sequence[np.ndarray]], bool]] = {
            "text-to-image": self._all_present, "storyboard": self._hero_in_every_frame, "add": self._added, "remove": self._removed,
            "replace": self._replaced, "recolour": self._recoloured, "move": self._moved, "background": self._ground_changed,
            "style": self._redrawn, "identity": self._subjects_present, "compose": self._subjects_present, "mask": self._filled,
            "edges": self._follows, "depth": self._follows, "sketch": self._follows,
        }  # fmt: skip

    def judge(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> Judgement:
        """Errors: KeyError for a task without a test."""
        self._sights.clear()
        return Judgement(self._tests[trial.sample.task](trial, pictures), self._answers(trial, pictures), self._values(trial, pictures))

    def truth(self, trial: TaskTrial) -> list[np.ndarray]:
        return [target.paint(self.composer) for target in trial.sample.targets]

    def _checker(self, trial: TaskTrial) -> TemplateChecker:
        if trial.world not in self._checkers:
            self._checkers[trial.world] = TemplateChecker(self.atlas, preset(trial.world, self.atlas), self.composer)
        return self._checkers[trial.world]

    def _look(self, trial: TaskTrial, picture: np.ndarray, spec: SceneSpec) -> Sight:
        """Looked at once per picture and scene: searching everywhere is what takes time."""
        key = (id(picture), spec)
        if key not in self._sights:
            self._sights[key] = Judge(self._checker(trial), self.atlas).look(picture, spec)
        return self._sights[key]

    def _answers(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> tuple[tuple[str, bool], ...]:
        def is_right(q: TaskQuestion) -> bool:
            return self._look(trial, pictures[q.frame], _target(trial, q.frame)).answer(q.about) == q.answer  # type: ignore[arg-type]

        return tuple((q.kind, is_right(q)) for q in self._questions(trial))

    @staticmethod
    def _questions(trial: TaskTrial) -> list[TaskQuestion]:
        return [q for q in balanced(trial.sample.questions) if q.about is not None] if trial.sample.questions else []

    def _values(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> dict[str, float]:
        sample, values = trial.sample, {}
        if trial.edits_a_picture:
            keep = untouched(sample, self.composer.size_px)
            if keep.any():
                values["psnr_db_outside"] = locality_db(pictures[0], sample.references[0].picture.paint(self.composer), keep)
        if sample.task in ("edges", "sketch"):
            edges = sample.references[0].picture
            edges = edges if sample.task == "edges" else replace(edges, what="edges")  # type: ignore[type-var]
            values["edge_f1"] = edge_f1(pictures[0], edges.paint(self.composer))
        return values

    def _is_in_square(self, trial: TaskTrial, picture: np.ndarray, spec: SceneSpec, index: int) -> bool:
        """In its square, by shape, and of its own colour there (the asked one, or that of the true picture)."""
        checker, o = self._checker(trial), spec.objects[index]
        verdict = checker.check_box(picture, spec, index)
        return verdict.present and verdict.colour == self._colour(trial, spec, o)

    def _colour(self, trial: TaskTrial, spec: SceneSpec, o: SceneObject) -> str | None:
        return o.colour or self._checker(trial).colour_at(self.composer.render([spec])[0], spec, o, o.x, o.y)

    def _seen(self, trial: TaskTrial, picture: np.ndarray, spec: SceneSpec, index: int) -> list[SceneObject]:
        """Where the thing stands in its own colour, wherever that is."""
        o, checker = spec.objects[index], self._checker(trial)
        wanted = self._colour(trial, spec, o)
        squares = self._look(trial, picture, spec).squares(o.concept)
        return [s for s in squares if checker.colour_at(picture, spec, replace(o, s=s.s), s.x, s.y) == wanted]

    def _stands_as_told(self, trial: TaskTrial, picture: np.ndarray, spec: SceneSpec, index: int) -> bool:
        """In its square where the wording gave that; else anywhere, on the side or in the relation that was told."""
        if trial.form in _PLACED:
            return self._is_in_square(trial, picture, spec, index)
        squares, facts = self._seen(trial, picture, spec, index), trial.sample.facts
        if trial.form == "layout":
            at = facts.get("at")
            return any(at is None or _near(s, *at) for s in squares)  # type: ignore[misc]
        if "side" in facts:
            return any(side_of(s) == facts["side"] for s in squares)
        if "relation" in facts:
            thing, other, relation = spec.objects[index].concept, str(facts["to"]), str(facts["relation"])
            asked = Question("relation", True, thing, other, None, relation, None, (), 3, "", "")
            return bool(squares) and self._look(trial, picture, spec).answer(asked)
        return bool(squares)

    def _all_present(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> bool:
        spec = _target(trial)
        sight = self._look(trial, pictures[0], spec)
        return all(sight.squares(o.concept) for o in spec.objects)

    def _hero_in_every_frame(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> bool:
        def met(frame: int) -> bool:
            spec = _target(trial, frame)
            return self._is_in_square(trial, pictures[frame], spec, _index_of(spec, str(trial.sample.facts["hero"])))

        return all(met(frame) for frame in range(len(trial.sample.targets)))

    def _added(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> bool:
        spec = _target(trial)
        return self._stands_as_told(trial, pictures[0], spec, _index_of(spec, str(trial.sample.facts["concept"])))

    def _removed(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> bool:
        """Not to be seen any more; what it hid is nearer to the truth than to the thing, and has the detail of ground."""
        picture, before = pictures[0], trial.sample.references[0].picture.paint(self.composer)
        if not has_ground_detail(picture, before, self.truth(trial)[0]) or not self._nearer_to_truth(trial, picture):
            return False
        return not self._look(trial, picture, _reference(trial)).squares(str(trial.sample.facts["concept"]))

    def _nearer_to_truth(self, trial: TaskTrial, picture: np.ndarray) -> bool:
        before = trial.sample.references[0].picture.paint(self.composer)
        return edit_done(picture, before, self.truth(trial)[0], trial.sample.edit_boxes)

    def _replaced(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> bool:
        """The new thing stands in the old one's square, which needs no telling."""
        spec = _target(trial)
        return self._is_in_square(trial, pictures[0], spec, _index_of(spec, str(trial.sample.facts["concept"])))

    def _recoloured(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> bool:
        spec = _target(trial)
        return self._is_in_square(trial, pictures[0], spec, _index_of(spec, str(trial.sample.facts["concept"])))

    def _moved(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> bool:
        spec, before, concept = _target(trial), _reference(trial), str(trial.sample.facts["concept"])
        left = not self._checker(trial).check_box(pictures[0], before, _index_of(before, concept)).present
        return left and self._stands_as_told(trial, pictures[0], spec, _index_of(spec, concept))

    def _ground_changed(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> bool:
        """Of all places and hours, the asked ground is the nearest beside the things."""
        spec, world = _target(trial), preset(trial.world, self.atlas)
        small = np.asarray(Image.fromarray(pictures[0]).resize((_GROUND_PX, _GROUND_PX), Image.Resampling.BOX), np.float32)
        ground = np.ones((_GROUND_PX, _GROUND_PX), bool)
        for left, top, right, bottom in (object_box(o) for o in spec.objects):
            unit = _GROUND_PX / BINS
            ground[int(top * unit) : int(bottom * unit), int(left * unit) : int(right * unit)] = False
        variants = [spec.variant] if trial.form in ("layout", "place") else range(world.variants)

        def distance(place: str, time: str) -> float:
            return min(float(np.abs(self._small.background(place, time, v)[ground] - small[ground]).mean()) for v in variants)

        settings = [(place, time) for place in world.places for time in world.times]
        return min(settings, key=lambda s: distance(*s)) == (spec.place, spec.time)

    def _redrawn(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> bool:
        """Of all drawing sets, the asked one is the nearest where the things are."""
        spec = _target(trial)
        where = np.any([t.visible_mask for t in self.composer.truth(spec)], axis=0)
        sets = [s for s in preset(trial.world, self.atlas).styles if _has_colours(spec, s, self.atlas)]
        drawn = self.composer.render([replace(spec, style=s) for s in sets])
        far = [float(np.abs(p[where].astype(np.float32) - pictures[0][where]).mean()) for p in drawn]
        return sets[int(np.argmin(far))] == spec.style

    def _subjects_present(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> bool:
        spec, facts = _target(trial), trial.sample.facts
        subjects = facts.get("concepts") or [facts["concept"]]
        placed = trial.form in _PLACED
        found = [
            self._is_in_square(trial, pictures[0], spec, i) if placed else bool(self._seen(trial, pictures[0], spec, i))
            for i, o in enumerate(spec.objects)
            if o.concept in subjects  # type: ignore[operator]
        ]
        return all(found)

    def _follows(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> bool:
        """Every thing stands where the map shows it."""
        spec = _target(trial)
        return all(self._checker(trial).check_box(pictures[0], spec, i).present for i in range(len(spec.objects)))

    def _filled(self, trial: TaskTrial, pictures: Sequence[np.ndarray]) -> bool:
        """The hole holds a picture that is nearer to the truth than to the check pattern, with the things that belong there."""
        spec, picture = _target(trial), trial.sample.references[0].picture
        if not isinstance(picture, Holed):
            raise TypeError("the reference of a mask trial has a hole")
        hole = picture.hole(self.composer.size_px)
        shares = [hole[t.visible_mask].mean() if t.visible_mask.any() else 0.0 for t in self.composer.truth(spec)]
        sight = self._look(trial, pictures[0], spec)
        inside = [i for i, share in enumerate(shares) if share > 0.5]
        return self._nearer_to_truth(trial, pictures[0]) and all(sight.squares(spec.objects[i].concept) for i in inside)


def _target(trial: TaskTrial, frame: int = 0) -> SceneSpec:
    return _scene(trial.sample.targets[frame])


def _reference(trial: TaskTrial) -> SceneSpec:
    return _scene(trial.sample.references[0].picture)


def _scene(picture: object) -> SceneSpec:
    if not isinstance(picture, Scene):
        raise TypeError("this test reads scenes")
    return picture.spec


def _index_of(spec: SceneSpec, concept: str) -> int:
    return next(i for i, o in enumerate(spec.objects) if o.concept == concept)


def _near(o: SceneObject, x: float, y: float) -> bool:
    return max(abs(o.x - x), abs(o.y - y)) <= 0.3 * o.s


def _has_colours(spec: SceneSpec, style: str, atlas: Atlas) -> bool:
    return all(o.colour is None or o.colour in atlas.concepts[o.concept].colours(style) for o in spec.objects)
