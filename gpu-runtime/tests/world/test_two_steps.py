"""Split S8: two edits asked for at once."""

import json

import numpy as np

from atelier_runtime.models.tokenizer import TASKS
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.splits import held_out_keys
from atelier_runtime.world.tasks.registry import SAMPLERS
from atelier_runtime.world.tasks.task_sample import FORMS, untouched
from atelier_runtime.world.tasks.two_steps import sample_two_steps


def test_training_never_asks_for_two_steps():
    assert sample_two_steps not in SAMPLERS.values()
    assert set(SAMPLERS) <= set(TASKS)


def test_both_steps_are_done_and_nothing_else(atlas, pilot):
    composer, orders = Composer(atlas, 64), set()
    for seed in range(16):
        sample = sample_two_steps(seed, pilot, atlas)
        assert sample == sample_two_steps(seed, pilot, atlas)
        assert sample.split == "S8"
        before, after = sample.references[0].picture.spec, sample.targets[0].spec
        assert not held_out_keys(after, atlas)
        facts = sample.facts
        was, now = ({o.concept: o.colour for o in s.objects} for s in (before, after))
        assert (was[facts["concept"]], now[facts["concept"]]) == (facts["old"], facts["colour"])
        assert (facts["other"] in now) == ("add" in facts["steps"]) != (facts["other"] in was)
        assert {k: v for k, v in was.items() if k not in (facts["concept"], facts["other"])} == {
            k: v for k, v in now.items() if k not in (facts["concept"], facts["other"])
        }
        old, new = sample.references[0].picture.paint(composer), sample.targets[0].paint(composer)
        keep = untouched(sample, 64)
        assert np.array_equal(old[keep], new[keep])
        assert not np.array_equal(old, new)
        assert sample.task == facts["steps"][0]
        orders.add(tuple(facts["steps"]))
        json.dumps(sample.as_dict())
    assert len(orders) >= 3


def test_the_instruction_names_both_things_in_both_languages(atlas, pilot):
    for seed in range(8):
        sample = sample_two_steps(seed, pilot, atlas)
        assert set(sample.instructions) == set(FORMS)
        for concept in (sample.facts["concept"], sample.facts["other"]):
            names = atlas.concepts[concept]
            assert names.name in sample.instructions["en"] and names.name in sample.instructions["layout"]
            assert names.name_zh in sample.instructions["zh"]
