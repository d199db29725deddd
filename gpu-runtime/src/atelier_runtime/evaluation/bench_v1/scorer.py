"""Judges the pictures of one prompt: every question and every measure that applies to its task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.tasks.pictures import Scene
from atelier_runtime.world.tasks.strings import texts
from atelier_runtime.world.tasks.task_sample import TaskQuestion, untouched
from atelier_runtime.world.tasks.text import TextPicture
from atelier_runtime.world.vocabulary import Atlas, preset

from ..judge import Judge, Sight
from ..template_checker import TemplateChecker
from .entries import TEXT_TO_IMAGE, Entry
from .measures import TemplateReader, altered, depth_orders, edge_f1, edit_done, is_untouched, locality_db, rewritten

EDITS = frozenset({"add", "remove", "replace", "recolour", "move", "background", "style", "mask"})
_SCENE_KINDS = frozenset({"present", "colour", "relation", "count"})
_RIVAL_TEXTS = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """One judgement: `value` is 1 or 0 for questions, a share or decibels for measures; `right` says whether it counts as met."""

    kind: str
    question: str
    value: float
    right: bool


class TaskScorer:
    """Judges without any learned part. Pictures have the composer's size."""

    def __init__(self, atlas: Atlas, size_px: int) -> None:
        self.atlas, self.composer = atlas, Composer(atlas, size_px)
        self._reader = TemplateReader(self.composer)
        self._checkers: dict[str, TemplateChecker] = {}

    def _checker(self, world: str) -> TemplateChecker:
        if world not in self._checkers:
            self._checkers[world] = TemplateChecker(self.atlas, preset(world, self.atlas), self.composer)
        return self._checkers[world]

    def judge(self, entry: Entry, pictures: Sequence[np.ndarray], located: bool | None = None) -> list[Verdict]:
        """Verdicts of all questions and measures. `located`: the engine was told where things go (default: by the prompt's form)."""
        where = located if located is not None else entry.form in ("layout", "place") or entry.task != TEXT_TO_IMAGE
        sights: dict[int, Sight] = {}
        verdicts = [self._answer(entry, q, pictures, sights, where) for q in entry.questions]
        return [v for v in verdicts if v is not None] + self._measures(entry, pictures)

    def _answer(
        self, entry: Entry, q: TaskQuestion, pictures: Sequence[np.ndarray], sights: dict[int, Sight], located: bool
    ) -> Verdict | None:
        picture, target = pictures[q.frame], entry.targets[q.frame]
        if q.kind in _SCENE_KINDS:
            # The judge knows drawing sets; what a look has redrawn is measured by `edit_done` instead.
            if not isinstance(target, Scene):
                return None
            if q.frame not in sights:
                sights[q.frame] = Judge(self._checker(entry.preset), self.atlas, located).look(picture, target.spec)
            said = sights[q.frame].answer(q.about)  # type: ignore[arg-type]
        elif isinstance(target, TextPicture):
            said = self._reads_text(picture, target, str(q.expected))
        else:
            other = altered(target)
            said = self._reader.reads(picture, target, [other]) if q.answer else self._reader.reads(picture, other, [target])
        return Verdict(q.kind, q.en, float(said), said == q.answer)

    def _reads_text(self, picture: np.ndarray, target: TextPicture, text: str) -> bool:
        language = "zh" if any(ord(c) >= 0x2E80 for c in text) else "en"
        others = [t for t in texts(language, "train") + texts(language, "S7") if t != text]
        # Texts of similar length are the ones that could be confused.
        others.sort(key=lambda t: (abs(len(t) - len(text)), t))
        return self._reader.reads(picture, rewritten(target, text), [rewritten(target, t) for t in others[:_RIVAL_TEXTS]])

    def _measures(self, entry: Entry, pictures: Sequence[np.ndarray]) -> list[Verdict]:
        out: list[Verdict] = []
        if entry.task in EDITS:
            before, after = entry.references[0].picture.paint(self.composer), entry.targets[0].paint(self.composer)
            done = edit_done(pictures[0], before, after, entry.edit_boxes)
            out.append(Verdict("edit_done", "Is the edit done?", float(done), done))
            keep = untouched(entry, self.composer.size_px)  # type: ignore[arg-type] - it reads the boxes alone
            if keep.any():
                stays = is_untouched(pictures[0], before, keep)
                out.append(Verdict("untouched", "Is the rest untouched?", float(stays), stays))
                # The figure behind it, in decibels; it says how near, the verdict above says whether.
                out.append(Verdict("locality_psnr_db", "How near is the rest?", locality_db(pictures[0], before, keep), stays))
        if entry.task == "edges":
            f1 = edge_f1(pictures[0], entry.references[0].picture.paint(self.composer))
            out.append(Verdict("edge_f1", "Are the outlines followed?", f1, f1 >= 0.6))
        if entry.task == "depth":
            orders = depth_orders(pictures[0], entry.targets[0].spec, self.composer)
            out += [Verdict("depth_order", "Does the nearer thing cover the other?", float(right), right) for right in orders]
        if entry.task in ("identity", "compose"):
            out += self._identity(entry, pictures[0])
        return out

    def _identity(self, entry: Entry, picture: np.ndarray) -> list[Verdict]:
        """Per subject: is it in its square, by shape, and of its reference's colour there?"""
        spec, checker = entry.targets[0].spec, self._checker(entry.preset)
        truth = entry.targets[0].paint(self.composer)
        shown = {r.picture.concept for r in entry.references if r.role == "subject"}
        out = []
        for index, o in enumerate(spec.objects):
            if o.concept not in shown:
                continue
            verdict = checker.check_box(picture, spec, index)
            same = verdict.present and verdict.colour == checker.colour_at(truth, spec, o, o.x, o.y)
            out.append(Verdict("identity", "Is it the subject of the reference?", float(same), same))
        return out
