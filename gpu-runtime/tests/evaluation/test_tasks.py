"""The task scores: the truth passes, doing nothing or another picture does not, and weights draw every shape of task."""

from pathlib import Path

import numpy as np
import pytest

from atelier_runtime.evaluation.engines import OnnxWeights
from atelier_runtime.evaluation.task_judge import TaskJudge
from atelier_runtime.evaluation.task_samples import SPLITS, trials
from atelier_runtime.evaluation.task_scores import learned, standard_error, summary
from atelier_runtime.evaluation.tasks import score_split

TINY_WEIGHTS = Path(__file__).parents[2] / "weights" / "tiny"
SIZE_PX = 128


class Doing:
    """Draws the truth, or gives the first reference (or a grey sheet) back."""

    size_px, trained_tasks = SIZE_PX, tuple(SPLITS)

    def __init__(self, judge, split, count, nothing):
        self.judge, self.split, self.count, self.nothing = judge, split, count, nothing

    def draw_task(self, task, text, references, seed, outputs=1):
        if self.nothing:
            grey = np.full((SIZE_PX, SIZE_PX, 3), 128, np.uint8)
            return [references[0] if references else grey] * outputs
        trial = next(t for t in trials(task, self.split, self.count, self.judge.atlas) if t.sample.seed == seed)
        return self.judge.truth(trial)


@pytest.fixture(scope="module")
def judge(atlas):
    return TaskJudge(atlas, SIZE_PX)


@pytest.mark.parametrize("task", ["add", "remove", "move", "background", "style", "compose", "mask", "storyboard"])
def test_the_true_result_is_done_and_doing_nothing_is_not(judge, task):
    count = 2
    true, _ = score_split(Doing(judge, "S10", count, nothing=False), judge, task, "S10", count)
    idle, _ = score_split(Doing(judge, "S10", count, nothing=True), judge, task, "S10", count)
    assert [j.model for j in true] == [j.ceiling for j in true]
    assert sum(j.model.done for j in true) >= count - 1
    assert not any(j.model.done for j in idle)
    if task in ("add", "remove", "move"):
        assert all(j.model.values["psnr_db_outside"] == 99 for j in idle)


def test_a_share_of_all_or_nothing_still_has_an_error(judge):
    assert standard_error([True] * 8) == pytest.approx(standard_error([False] * 8))
    assert standard_error([True] * 8) > 0.05
    true, _ = score_split(Doing(judge, "S10", 2, nothing=False), judge, "edges", "S10", 2)
    cell = summary(true)
    assert cell["values"]["edge_f1"]["model"] > 0.99
    assert learned({"edges": {"all": cell}}) == []  # two trials prove nothing


def test_wordings_take_turns_and_stay_within_what_is_trained(atlas):
    drawn = trials("storyboard", "S10", 6, atlas)
    assert [t.form for t in drawn] == ["layout", "place", "en", "zh", "layout", "place"]
    assert all(2 <= len(t.sample.targets) <= 3 for t in drawn)


def test_weights_read_several_references_and_draw_several_pictures():
    weights = OnnxWeights(TINY_WEIGHTS, steps=1)
    sheets = [np.full((weights.size_px, weights.size_px, 3), level, np.uint8) for level in (30, 200)]
    two = weights.draw_task("recolour", "recolour. red apple.", sheets, 0)
    assert len(two) == 1
    assert (two[0] != weights.draw_task("recolour", "recolour. red apple.", sheets[::-1], 0)[0]).any()
    frames = weights.draw_task("text-to-image", "glossy.", [], 0, outputs=3)
    assert [f.shape for f in frames] == [two[0].shape] * 3
    assert (frames[0] != frames[1]).any()
