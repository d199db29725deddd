"""The recolour score: a perfect editor passes, one that does nothing or repaints everything does not."""

import numpy as np
import pytest

from atelier_runtime.evaluation.recolour import outside, score_recolour
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.edits import sample_recolour
from atelier_runtime.world.vocabulary import Atlas, preset


@pytest.fixture(scope="module")
def world():  # noqa: ANN201
    atlas = Atlas()
    return atlas, preset("tiny", atlas)


def test_doing_nothing_keeps_the_rest_and_gains_nothing(world) -> None:  # noqa: ANN001
    atlas, tiny = world
    scores = score_recolour(lambda picture, text, seed: picture, tiny, atlas, 64, "layout", 6)
    for split in scores.values():
        assert split["done"]["model"] == split["done"]["unchanged"] < split["done"]["ceiling"]
        assert split["psnr_db_outside"] == 99.0


def test_repainting_everything_is_seen_outside_the_square(world) -> None:  # noqa: ANN001
    atlas, tiny = world
    scores = score_recolour(lambda picture, text, seed: np.full_like(picture, 128), tiny, atlas, 64, "layout", 4)
    assert all(split["psnr_db_outside"] < 20 and split["done"]["model"] == 0 for split in scores.values())


def test_the_protected_part_leaves_out_the_object(world) -> None:  # noqa: ANN001
    atlas, tiny = world
    for seed in range(20):
        sample = sample_recolour(seed, tiny, atlas)
        keep = outside(sample, 64)
        assert not keep[Composer(atlas, 64).truth(sample.target)[sample.changed].visible_mask].any() and keep.any()
