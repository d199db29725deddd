"""New splits and subsets: unnamed concepts, many things, balance, the high-quality subset."""

from collections import Counter
from itertools import islice

import pytest

from atelier_runtime.world.balance import balanced, evenness, terms
from atelier_runtime.world.captions import caption
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.counting import sample_many
from atelier_runtime.world.sample import sample_scene
from atelier_runtime.world.showcase import CONTRAST, contrast, is_showcase, is_well_composed
from atelier_runtime.world.spec import SceneObject, SceneSpec
from atelier_runtime.world.splits import FIRST_VOCABULARY, held_out_keys, unnamed_concepts
from atelier_runtime.world.vocabulary import preset


def test_forty_concepts_are_never_drawn_or_named_outside_their_own_preset(atlas, pilot, tiny):
    unnamed = set(unnamed_concepts(atlas))
    assert len(unnamed) == 40
    for name in ("pilot", "tiny", "world"):
        assert not unnamed & set(preset(name, atlas).concepts)
    assert set(preset("unnamed", atlas).concepts) == unnamed
    assert set(preset("world", atlas).concepts) | unnamed == set(atlas.concepts)
    assert len(preset("full", atlas).concepts) == FIRST_VOCABULARY


def test_presets_of_every_name_draw_scenes(atlas):
    for name in ("world", "unnamed"):
        chosen = preset(name, atlas)
        for seed in range(20):
            spec = sample_scene(seed, chosen, atlas)
            assert not held_out_keys(spec, atlas)
            assert {o.concept for o in spec.objects} <= set(chosen.concepts)


def test_many_things_are_five_or_six_and_told_so(atlas, pilot):
    for seed in range(25):
        spec = sample_many(seed, pilot, atlas)
        assert spec == sample_many(seed, pilot, atlas)
        assert len(spec.objects) in (5, 6)
        assert len({(o.concept, o.colour) for o in spec.objects}) == 1
        assert not held_out_keys(spec, atlas)
        text = caption(spec, "en", "short", 0, atlas)
        assert any(word in text for word in (("five", "5") if len(spec.objects) == 5 else ("six", "6")))


def test_balanced_scenes_are_more_even_on_both_axes(atlas, pilot):
    plain = [sample_scene(seed, pilot, atlas) for seed in range(1600)]
    chosen = list(balanced(plain))
    assert len(chosen) == 400
    assert chosen == list(balanced(plain))
    for axis in (0, 1):
        before = Counter(t for spec in plain[:400] for t in terms(spec)[axis])
        after = Counter(t for spec in chosen for t in terms(spec)[axis])
        assert evenness(after.values()) >= evenness(before.values())
        assert len(after) >= len(before)


@pytest.mark.parametrize(
    ("objects", "good"),
    [
        ((SceneObject("dog", None, 32, 40, 32),), True),
        ((SceneObject("dog", None, 32, 44, 16),), False),
        ((SceneObject("dog", None, 8, 40, 32),), False),
        ((SceneObject("dog", None, 32, 40, 32), SceneObject("cat", None, 36, 48, 24)), False),
    ],
)
def test_the_rule_of_good_composition(atlas, objects, good):
    assert is_well_composed(SceneSpec("pilot", 0, "train", "flat", "meadow", "day", 0, objects), atlas) == good


def test_the_showcase_holds_a_fair_share_and_only_what_stands_out(atlas, tiny):
    composer = Composer(atlas, 64)
    specs = [sample_scene(seed, tiny, atlas) for seed in range(100)]
    kept = [s for s in specs if is_showcase(s, composer)]
    assert 0.1 < len(kept) / len(specs) < 0.7
    assert all(contrast(s, composer) >= CONTRAST for s in islice(kept, 20))
