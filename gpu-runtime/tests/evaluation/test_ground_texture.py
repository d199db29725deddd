import numpy as np
import pytest

from atelier_runtime.evaluation.ground_texture import detail_ratio, has_ground_detail
from atelier_runtime.evaluation.removal_controls import REMOVAL_CONTROLS, accepted_shares
from atelier_runtime.evaluation.task_judge import TaskJudge
from atelier_runtime.evaluation.task_samples import trials


@pytest.fixture(scope="module")
def judge(atlas):
    return TaskJudge(atlas, 128)


def test_no_flat_patch_and_no_thing_that_stays_counts_as_a_removal(judge):
    shares = accepted_shares(judge, 4)
    assert set(shares) == set(REMOVAL_CONTROLS)
    assert shares["true picture"] == 1
    for name in REMOVAL_CONTROLS:
        assert name == "true picture" or name == "blurred thing" or shares[name] <= 0.1, name


def test_ground_that_lost_a_third_of_its_detail_is_ground_and_a_patch_is_not(judge):
    for trial in trials("remove", "S10", 6, judge.atlas):
        before, after = trial.sample.references[0].picture.paint(judge.composer), judge.truth(trial)[0]
        assert detail_ratio(after, before, after) == pytest.approx(1)
        faded = np.round(0.67 * after + 0.33 * 128).astype(np.uint8)
        assert has_ground_detail(faded, before, after)
        assert not has_ground_detail(np.full_like(after, 128), before, after)
