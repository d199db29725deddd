import dataclasses
import json

import pytest

from atelier_runtime.evaluation.benchmark import Benchmark, Scorer, normalised, table
from atelier_runtime.evaluation.controls import control_picture
from atelier_runtime.evaluation.frozen import FOLDER, FrozenBenchmarkError, freeze, load
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.splits import held_out_keys
from atelier_runtime.world.vocabulary import preset


@pytest.fixture(scope="module")
def bench():
    whole = load("laptop-200")
    return dataclasses.replace(whole, prompts=whole.prompts[:12])


@pytest.fixture(scope="module")
def scorer(atlas, pilot):
    return Scorer(pilot, atlas, 256)


@pytest.mark.parametrize("name", ["laptop-200", "tiny-24"])
def test_frozen_files_are_what_the_seeds_give(atlas, tmp_path, name):
    assert freeze(name, atlas, tmp_path).read_bytes() == (FOLDER / f"{name}.json").read_bytes()


def test_an_edited_benchmark_is_refused(tmp_path):
    text = (FOLDER / "tiny-24.json").read_text(encoding="utf-8")
    (tmp_path / "tiny-24.json").write_text(text.replace("sunset", "dawn").replace('"answer": true', '"answer": false', 1), encoding="utf-8")
    with pytest.raises(FrozenBenchmarkError):
        load("tiny-24", tmp_path)


def test_held_out_prompts_are_held_out(atlas):
    for prompt in load("laptop-200").prompts:
        touched = {key[:2] for key in held_out_keys(prompt.spec, atlas)}
        assert touched == (set() if prompt.split == "S10" else {prompt.split})


def test_the_true_renderer_scores_the_ceiling_and_other_pictures_score_chance(scorer, bench):
    result = scorer.score(bench, scorer.truth, "true", samples=1)
    assert result["gradient_ratio"] == 1
    for kinds in result["scores"].values():
        for cell in kinds.values():
            assert set(cell) == {"model", "best_of_4", "ceiling", "chance", "n", "interval95"}
            assert cell["model"] == cell["ceiling"] >= 0.9
            assert cell["chance"] <= 0.6
            assert normalised(cell) == 1
    assert {"present", "count"} <= set(result["scores"]["t2i/S1"])
    json.dumps(result)
    assert "t2i/S10" in table(result)


def test_colour_patches_in_the_right_places_score_next_to_nothing(scorer, bench, atlas, pilot):
    composer = Composer(atlas, 256)
    result = scorer.score(bench, lambda spec, seed: control_picture("blurred_patch", spec, composer, pilot, atlas), "patches", samples=1)
    cells = [cell for kinds in result["scores"].values() for cell in kinds.values()]
    assert sum(map(normalised, cells)) / len(cells) <= 0.06


def test_an_engine_that_forgets_the_last_object_is_seen(scorer, bench, atlas):
    composer = Composer(atlas, 256)
    prompts = tuple(p for p in bench.prompts if len(p.spec.objects) > 1)[:4]

    def forgetful(spec, seed):
        return composer.render([dataclasses.replace(spec, objects=spec.objects[:-1])])[0]

    result = scorer.score(Benchmark("some", "pilot", prompts), forgetful, "forgetful", samples=1)
    worst = min(cell["model"] for kinds in result["scores"].values() for cell in kinds.values())
    assert worst <= 0.75


def test_a_tiny_world_is_judged_at_its_own_size(atlas):
    whole = load("tiny-24")
    bench = dataclasses.replace(whole, prompts=whole.prompts[:8])
    scorer = Scorer(preset("tiny", atlas), atlas, 64)
    cells = scorer.score(bench, scorer.truth, "true", samples=1)["scores"]["t2i/S10"]
    assert cells["present"]["model"] >= 0.9
