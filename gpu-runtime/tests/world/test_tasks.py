"""Tasks: exact tuples, repeatable, true instructions, nothing held out in training."""

import json
import re

import numpy as np
import pytest

from atelier_runtime.models.tokenizer import TASKS
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.splits import held_out_keys, is_held_out
from atelier_runtime.world.tasks.control_maps import depth_levels, edge_map
from atelier_runtime.world.tasks.lettering import font, fonts
from atelier_runtime.world.tasks.pictures import Scene, Styled, as_dict, from_dict
from atelier_runtime.world.tasks.registry import SAMPLERS, UnknownTaskError, sample_task
from atelier_runtime.world.tasks.strings import CHINESE, ENGLISH, is_held_out_text
from atelier_runtime.world.tasks.style import style_key
from atelier_runtime.world.tasks.task_sample import FORMS, ROLES, untouched

SIZE = 64


@pytest.fixture(scope="module")
def composer(atlas):
    return Composer(atlas, SIZE)


def drawn(sample):
    """The scenes behind a sample's targets."""
    return [t.spec if hasattr(t, "spec") else t.base.spec if isinstance(t, Styled) else None for t in sample.targets]


@pytest.mark.parametrize("task", SAMPLERS)
def test_a_sample_is_a_function_of_its_seed_and_survives_json(atlas, pilot, composer, task):
    for seed in range(8):
        sample = sample_task(task, seed, pilot, atlas)
        assert sample == sample_task(task, seed, pilot, atlas)
        assert sample.task == task in TASKS
        assert set(sample.instructions) == set(FORMS)
        data = json.loads(json.dumps(sample.as_dict()))
        pictures = [*(r["picture"] for r in data["references"]), *data["targets"]]
        assert [as_dict(from_dict(p)) for p in pictures] == pictures
    for picture in (*(r.picture for r in sample.references), *sample.targets):
        pixels = picture.paint(composer)
        assert pixels.shape == (SIZE, SIZE, 3)
        assert np.array_equal(pixels, from_dict(json.loads(json.dumps(as_dict(picture)))).paint(composer))
    assert all(r.role in ROLES for r in sample.references)


@pytest.mark.parametrize("task", ["add", "remove", "replace", "recolour", "move", "mask"])
def test_nothing_changes_outside_the_edit_box_and_something_does_inside(atlas, pilot, composer, task):
    for seed in range(25):
        sample = sample_task(task, seed, pilot, atlas)
        before, after = sample.references[0].picture.paint(composer), sample.targets[0].paint(composer)
        changed = (before != after).any(-1)
        assert not (changed & untouched(sample, SIZE)).any(), seed
        assert changed.any()


@pytest.mark.parametrize("task", [t for t in SAMPLERS if t not in ("knowledge", "text")])
def test_training_touches_no_held_out_key_on_either_side(atlas, pilot, task):
    for seed in range(25):
        sample = sample_task(task, seed, pilot, atlas)
        scenes = drawn(sample) + [r.picture.spec for r in sample.references if isinstance(r.picture, Scene)]
        assert not any(held_out_keys(spec, atlas) for spec in scenes)


def test_style_targets_of_training_and_of_s4_are_told_apart(atlas, pilot):
    for split in ("train", "S4"):
        for seed in range(20):
            sample = sample_task("style", seed, pilot, atlas, split)
            (spec,) = drawn(sample)
            keys = [style_key(sample.facts["style"], o.concept) for o in spec.objects]
            assert any(map(is_held_out, keys)) == (split == "S4")


def test_held_out_texts_and_fonts_appear_only_in_s7(atlas, pilot):
    assert 0.08 < np.mean([is_held_out_text(t) for t in ENGLISH + CHINESE]) < 0.25
    for split in ("train", "S7"):
        for seed in range(20):
            facts = sample_task("text", seed, pilot, atlas, split).facts
            assert is_held_out_text(facts["text"]) == (split == "S7")
            assert fonts()[facts["font"]]["use"] == ("test" if split == "S7" else "train")


def test_unnamed_identity_never_names_the_subject(atlas, pilot):
    for seed in range(40):
        sample = sample_task("identity", seed, pilot, atlas, "S6")
        concept = atlas.concepts[sample.facts["concept"]]
        others = {o.concept for o in sample.targets[0].spec.objects} - {concept.id}
        assert not re.search(rf"\b{concept.name}\b", " ".join(sample.instructions[form] for form in ("layout", "place", "en"))), others
        assert concept.name_zh not in sample.instructions["zh"] or any(concept.name_zh in atlas.concepts[o].name_zh for o in others)


@pytest.mark.parametrize("task", SAMPLERS)
def test_questions_have_both_answers_and_instructions_are_clean(atlas, pilot, task):
    answers = []
    for seed in range(30):
        sample = sample_task(task, seed, pilot, atlas)
        answers += [q.answer for q in sample.questions]
        english = re.sub(r'"[^"]*"|\$[^$]*\$', "X", sample.instructions["en"])
        assert "  " not in english
        assert "{" not in english
        assert not re.search(r"\ba [aeio]|\ban [^aeiouAEIOUSX]", english), english
        assert "{" not in re.sub(r"\$[^$]*\$", "", sample.instructions["zh"])
    assert 0.3 < np.mean(answers) < 0.7


def test_moved_things_are_told_to_a_place_where_they_were_not(atlas, pilot):
    for seed in range(60):
        sample = sample_task("move", seed, pilot, atlas)
        (x, _), (new_x, _) = sample.facts["from"], sample.facts["at"]
        if "side" in sample.facts:
            side = {"left": new_x < 25.6, "right": new_x > 38.4, "middle": 25.6 <= new_x <= 38.4}[sample.facts["side"]]
            was = {"left": x < 25.6, "right": x > 38.4, "middle": 25.6 <= x <= 38.4}[sample.facts["side"]]
            assert side and not was


def test_nearer_things_are_brighter_in_the_depth_map_and_edges_follow_the_picture(atlas, pilot):
    composer = Composer(atlas, 128)
    for seed in range(10):
        spec = sample_task("depth", seed, pilot, atlas).targets[0].spec
        depth, truth = depth_levels(spec, composer), composer.truth(spec)
        standing = [
            (o.y + o.s / 2, depth[t.visible_mask].mean())
            for o, t in zip(spec.objects, truth, strict=True)
            if atlas.concepts[o.concept].placement != "sky" and t.visible_mask.any()
        ]
        ordered = sorted(standing)
        assert all(a[1] <= b[1] + 1e-6 for a, b in zip(ordered, ordered[1:], strict=False))
        assert 0.005 < edge_map(composer.render([spec])[0]).mean() < 0.35


def test_every_character_the_world_writes_is_in_its_font():
    for word, facts in fonts().items():
        if facts["script"] == "math":
            continue
        for text in CHINESE if facts["script"] == "chinese" else ENGLISH:
            missing = font(word, 32).getmask("\U0010fffd").getbbox()
            for c in text:
                mask = font(word, 32).getmask(c)
                assert c == " " or (
                    mask.getbbox() and (mask.getbbox() != missing or bytes(mask) != bytes(font(word, 32).getmask("\U0010fffd")))
                ), (word, c)


def test_unknown_tasks_are_refused(atlas, pilot):
    with pytest.raises(UnknownTaskError):
        sample_task("colourise", 0, pilot, atlas)
