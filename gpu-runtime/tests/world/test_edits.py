"""Recolouring: reference and target differ in one colour, and the instruction says which."""

import numpy as np
import pytest

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.edits import CAPTION_FORMS, edit_caption, sample_recolour
from atelier_runtime.world.splits import held_out_keys, is_held_out


def test_a_recolour_is_a_function_of_its_seed(atlas, pilot):
    assert [sample_recolour(s, pilot, atlas) for s in range(20)] == [sample_recolour(s, pilot, atlas) for s in range(20)]


def test_only_the_named_object_changes_and_only_its_colour(atlas, pilot):
    for seed in range(200):
        sample = sample_recolour(seed, pilot, atlas)
        for index, (before, after) in enumerate(zip(sample.reference.objects, sample.target.objects, strict=True)):
            assert (before == after) == (index != sample.changed)
            assert (before.concept, before.x, before.y, before.s) == (after.concept, after.x, after.y, after.s)
        assert sum(o.concept == sample.object.concept for o in sample.target.objects) == 1


def test_pixels_outside_the_object_stay_and_inside_they_change_clearly(atlas, pilot):
    composer = Composer(atlas, 128)
    for seed in range(40):
        sample = sample_recolour(seed, pilot, atlas)
        before, after = composer.render([sample.reference, sample.target]).astype(int)
        difference = np.abs(before - after).max(-1)
        truth = composer.truth(sample.target)[sample.changed]
        assert difference[~truth.visible_mask].max(initial=0) <= 255 * 0.6  # soft edges of the sprite
        assert (difference[~truth.visible_mask] > 24).mean() < 0.02
        assert difference[truth.visible_mask].max() > 40


def test_training_meets_no_held_out_colour_on_either_side(atlas, pilot):
    for seed in range(300):
        sample = sample_recolour(seed, pilot, atlas)
        assert not held_out_keys(sample.target, atlas)
        assert not any(key.startswith("S1") for key in held_out_keys(sample.reference, atlas))
    thing = sample_recolour(3, pilot, atlas, "S1").object
    assert is_held_out(f"S1|{thing.colour}|{thing.concept}")


@pytest.mark.parametrize("form", CAPTION_FORMS)
def test_the_instruction_names_the_object_and_its_new_colour(atlas, pilot, form):
    for seed in range(60):
        sample = sample_recolour(seed, pilot, atlas)
        text, concept = edit_caption(sample, form, seed, atlas), atlas.concepts[sample.object.concept]
        assert (concept.name_zh if form == "zh" else concept.name) in text
        if form != "zh":
            assert sample.object.colour in text
    with pytest.raises(ValueError, match="form"):
        edit_caption(sample, "fr", 0, atlas)
