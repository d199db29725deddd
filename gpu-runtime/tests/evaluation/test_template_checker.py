import numpy as np
import pytest

from atelier_runtime.evaluation.controls import CONTROLS, control_picture, degraded
from atelier_runtime.evaluation.template_checker import TemplateChecker
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.sample import sample_scene

SCENES = 28


@pytest.fixture(scope="module")
def composer(atlas):
    return Composer(atlas, 256)


@pytest.fixture(scope="module")
def checker(atlas, pilot, composer):
    return TemplateChecker(atlas, pilot, composer)


@pytest.fixture(scope="module")
def specs(atlas, pilot):
    return [sample_scene(7000 + i, pilot, atlas, "S10") for i in range(SCENES)]


@pytest.fixture(scope="module")
def true(composer, specs):
    return composer.render(specs)


def verdicts(checker, pictures, specs):
    return [(checker.check_box(p, s, i), o) for p, s in zip(pictures, specs, strict=True) for i, o in enumerate(s.objects)]


def share_present(checker, pictures, specs):
    return np.mean([v.present for v, _ in verdicts(checker, pictures, specs)])


def test_true_renders_are_recognised_with_their_colours(checker, true, specs):
    seen = verdicts(checker, true, specs)
    assert np.mean([v.present for v, _ in seen]) >= 0.97
    assert np.mean([v.colour == o.colour for v, o in seen if o.colour]) >= 0.95


def test_moderate_damage_is_borne(checker, true, specs):
    assert share_present(checker, [degraded(p, 1, i) for i, p in enumerate(true)], specs) >= 0.93


@pytest.mark.parametrize("kind", CONTROLS)
def test_right_colours_in_the_right_place_are_not_enough(checker, composer, atlas, pilot, specs, kind):
    pictures = [control_picture(kind, s, composer, pilot, atlas) for s in specs]
    assert share_present(checker, pictures, specs) <= 0.05


def test_empty_grounds_hold_nothing(checker, composer, specs):
    pictures = [composer.background(s.place, s.time, s.variant) for s in specs]
    assert share_present(checker, pictures, specs) == 0
    assert sum(len(checker.find_all(p, s.style)) for p, s in zip(pictures[:8], specs, strict=False)) <= 1


def test_things_are_found_without_knowing_where_they_are(checker, true, specs):
    hits = wanted = extra = 0
    for picture, spec in zip(true[:12], specs, strict=False):
        left = list(spec.objects)
        for d in checker.find_all(picture, spec.style):
            match = next((o for o in left if o.concept == d.concept and max(abs(o.x - d.x), abs(o.y - d.y)) < 0.3 * o.s), None)
            if match is None:
                extra += 1
            else:
                left.remove(match)
                hits += 1
        wanted += len(spec.objects)
    assert hits >= 0.88 * wanted
    assert extra <= 0.1 * wanted
