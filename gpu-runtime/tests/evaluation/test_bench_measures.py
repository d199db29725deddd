"""Measures of the benchmark: what counts as untouched, and which thing covers which."""

import numpy as np
import pytest

from atelier_runtime.evaluation.bench_v1.measures import depth_orders, is_untouched, locality_db
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.spec import SceneObject, SceneSpec

SIZE = 128


@pytest.fixture(scope="module")
def composer(atlas):
    return Composer(atlas, SIZE)


def scene(*objects, time="night"):
    return SceneSpec("pilot", 0, "train", "flat", "meadow", time, 0, objects)


APPLE = SceneObject("red-apple", None, 20, 46, 24)
HOUSE = SceneObject("house", None, 30, 46, 24)
KEEP = np.ones((SIZE, SIZE), bool)


def test_noise_of_an_autoencoder_is_no_change(composer):
    before = composer.render([scene(APPLE)])[0]
    noise = np.random.default_rng(0).normal(0, 6, before.shape)
    assert is_untouched(np.clip(before + noise, 0, 255).astype(np.uint8), before, KEEP)


def test_a_tint_that_a_dark_picture_hides_is_a_change(composer):
    before = composer.render([scene(APPLE)])[0]
    tinted = np.clip(before * np.array([1.0, 1.0, 0.9]), 0, 255).astype(np.uint8)
    assert locality_db(tinted, before, KEEP) > 30
    assert not is_untouched(tinted, before, KEEP)


def test_one_new_thing_in_a_large_picture_is_a_change(composer):
    before, after = composer.render([scene(), scene(SceneObject("red-apple", None, 40, 54, 12))])
    assert locality_db(after, before, KEEP) > 25
    assert not is_untouched(after, before, KEEP)
    keep = KEEP.copy()
    keep[80:, 60:100] = False
    assert is_untouched(after, before, keep)


@pytest.mark.parametrize("damage", [0, 18])
def test_the_covering_thing_is_told_from_the_covered_one(composer, damage):
    true, turned = scene(APPLE, HOUSE, time="day"), scene(HOUSE, APPLE, time="day")
    noise = np.random.default_rng(1).normal(0, damage, (SIZE, SIZE, 3))
    right, wrong = (np.clip(p + noise, 0, 255).astype(np.uint8) for p in composer.render([true, turned]))
    assert depth_orders(right, true, composer) == [True]
    assert depth_orders(wrong, true, composer) == [False]


def test_things_apart_have_no_order(composer):
    apart = scene(APPLE, SceneObject("house", None, 50, 46, 24))
    assert depth_orders(composer.render([apart])[0], apart, composer) == []
