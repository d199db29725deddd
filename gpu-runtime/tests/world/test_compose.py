import dataclasses

import numpy as np
import pytest

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.sample import sample_scene
from atelier_runtime.world.spec import SceneObject, SceneSpec


@pytest.fixture(scope="module")
def composer(atlas):
    return Composer(atlas, 64)


def scene(*objects, place="meadow", time="day"):
    return SceneSpec("pilot", 0, "train", "flat", place, time, 0, tuple(objects))


def test_equal_specs_give_equal_bytes_whatever_was_drawn_before(atlas, pilot, composer):
    specs = [sample_scene(seed, pilot, atlas) for seed in range(12)]
    first = composer.render(specs)
    assert np.array_equal(Composer(atlas, 64).render(specs[::-1])[::-1], first)


@pytest.mark.parametrize("size_px", [64, 128, 256])
def test_any_size_shows_the_same_scene(atlas, pilot, size_px):
    spec = sample_scene(3, pilot, atlas)
    picture = Composer(atlas, size_px).render([spec])[0]
    assert picture.shape == (size_px, size_px, 3)
    small = Composer(atlas, 64).render([spec])[0].astype(int)
    reduced = picture.reshape(64, size_px // 64, 64, size_px // 64, 3).mean((1, 3))
    assert np.abs(reduced - small).mean() < 6


def test_adding_an_object_changes_nothing_outside_its_neighbourhood(composer):
    dog = SceneObject("dog", None, 20, 44, 24)
    without, with_dog = composer.render([scene(), scene(dog)])
    changed = (without != with_dog).any(-1)
    rows, columns = np.nonzero(changed)
    assert changed.any()
    assert rows.min() >= 30
    assert rows.max() <= 60
    assert columns.min() >= 4
    assert columns.max() <= 36


def test_truth_covers_what_adding_the_object_changed(composer):
    dog = SceneObject("dog", None, 20, 44, 24)
    without, with_dog = composer.render([scene(), scene(dog)])
    (truth,) = composer.truth(scene(dog))
    changed = np.abs(without.astype(int) - with_dog).max(-1) > 8
    assert (changed & truth.visible_mask).sum() > 0.95 * truth.visible_mask.sum()
    assert truth.visible_share == 1
    assert 20 <= truth.box[3] - truth.box[1] <= 25


def test_the_nearer_object_hides_the_farther(composer):
    tree = SceneObject("deciduous-tree", None, 32, 40, 32)
    car = SceneObject("automobile", None, 32, 48, 24)
    back, front = composer.truth(scene(tree, car))
    assert (back.depth, front.depth) == (0, 1)
    assert front.visible_share == 1
    assert 0.3 < back.visible_share < 0.95
    assert not (back.visible_mask & front.visible_mask).any()


def test_flip_and_rotation_change_the_drawing(composer):
    duck = SceneObject("duck", None, 32, 44, 24)
    plain, flipped, turned = composer.render(
        [scene(duck), scene(dataclasses.replace(duck, flip=True)), scene(dataclasses.replace(duck, rotation=30))]
    )
    assert (plain != flipped).any()
    assert (plain != turned).any()


def test_night_is_darker_than_day_and_things_stand_on_a_shadow(composer):
    house = SceneObject("house", None, 32, 40, 32)
    day, night = composer.render([scene(house), scene(house, time="night")])
    assert night.mean() < 0.6 * day.mean()
    without, shaded = composer.render([scene(), scene(house)])
    assert shaded[57, 28:36].mean() < without[57, 28:36].mean() - 5


def test_variants_are_different_pictures(composer):
    pictures = [composer.background("desert", "dawn", variant).astype(int) for variant in range(4)]
    for i, a in enumerate(pictures):
        for b in pictures[i + 1 :]:
            assert np.abs(a - b).mean() > 1
