"""The batched composer draws what the composer draws, at every size."""

import numpy as np
import pytest
import torch

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.compose_batched import BatchedComposer
from atelier_runtime.world.sample import sample_scene
from atelier_runtime.world.spec import SceneObject, SceneSpec

LARGEST_DIFFERENCE = 2
"""Of 255: what is allowed between devices. On one device it is 0."""


@pytest.mark.parametrize(("size", "count"), [(128, 24), (256, 8), (512, 2), (1024, 1)])
def test_batches_equal_single_scenes(atlas, pilot, size, count):
    composer = Composer(atlas, size)
    specs = [sample_scene(seed, pilot, atlas, "S10") for seed in range(count)]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    batch = BatchedComposer(composer, device).render(specs).cpu().numpy()
    assert batch.shape == (count, size, size, 3)
    assert np.abs(batch.astype(int) - composer.render(specs)).max() <= (0 if device == "cpu" else LARGEST_DIFFERENCE)


def test_things_beyond_the_frame_are_cut_and_empty_scenes_are_grounds(atlas, pilot):
    composer = Composer(atlas, 64)
    outside = SceneObject("red-apple", None, 0, 50, 32)
    far = SceneObject("red-apple", None, 200, 200, 16)
    specs = [SceneSpec("pilot", 0, "train", "flat", "meadow", "day", 0, objects) for objects in ((outside,), (), (far, outside))]
    batch = BatchedComposer(composer).render(specs).numpy()
    assert np.array_equal(batch, composer.render(specs))
    assert np.array_equal(batch[1], composer.background("meadow", "day", 0))
    assert np.array_equal(batch[0], batch[2])


def test_a_full_cache_of_tiles_changes_nothing(atlas, pilot):
    composer = Composer(atlas, 64, cache_bytes=20_000)
    specs = [sample_scene(seed, pilot, atlas, "S10") for seed in range(12)]
    batched = BatchedComposer(composer, cache_bytes=10_000)
    for _ in range(2):
        assert np.array_equal(batched.render(specs).numpy(), composer.render(specs))
    assert len(batched._tiles) < 12
