from pathlib import Path

import numpy as np
import pytest

from atelier_runtime.evaluation.autoencoder import onnx_rebuild, score_autoencoder
from atelier_runtime.evaluation.controls import degraded
from atelier_runtime.evaluation.engines import OnnxWeights
from atelier_runtime.evaluation.frozen import FOLDER, FrozenBenchmarkError
from atelier_runtime.evaluation.prompt_sheet import load_prompts, prompt_sheet
from atelier_runtime.world.sample import sample_scene

TINY_WEIGHTS = Path(__file__).parents[2] / "weights" / "tiny"


@pytest.fixture(scope="module")
def weights():
    return OnnxWeights(TINY_WEIGHTS)


def test_exported_weights_draw_any_text_repeatably(weights, atlas, tiny):
    engine = weights.engine(atlas)
    spec = sample_scene(3, tiny, atlas)
    picture = engine(spec, 7)
    assert picture.shape == (weights.size_px, weights.size_px, 3)
    assert np.array_equal(picture, engine(spec, 7))
    assert (picture != engine(spec, 8)).any()
    assert weights.draw_text("夜晚的草地上有一辆红色的汽车" * 20, 0).shape == picture.shape


def test_the_fixed_prompts_stay_within_the_vocabulary(atlas, pilot):
    prompts = load_prompts()
    assert len(prompts) == len({p["id"] for p in prompts}) == 48
    assert {p["language"] for p in prompts} == {"en", "zh"}
    for p in prompts:
        expected = p["expects"]
        assert expected["style"] in (None, *pilot.styles)
        assert expected["time"] in (None, *pilot.times)
        for thing in expected["things"]:
            concept = atlas.concepts[thing["concept"]]
            assert thing["concept"] in pilot.concepts
            assert expected["place"] is None or expected["place"] in concept.places
            styles = [expected["style"]] if expected["style"] else pilot.styles
            assert thing["colour"] is None or any(thing["colour"] in concept.colours(s) for s in styles)


def test_prompts_edited_after_they_were_frozen_are_refused(tmp_path):
    frozen = FOLDER / "prompts-64.json"
    prompts = load_prompts(frozen)
    assert len({p["id"] for p in prompts}) == len({p["text"] for p in prompts}) == 64
    assert sum(p["language"] == "zh" for p in prompts) == 24
    edited = tmp_path / "edited.json"
    edited.write_text(frozen.read_text(encoding="utf-8").replace("a happy dog", "a sad dog"), encoding="utf-8")
    with pytest.raises(FrozenBenchmarkError):
        load_prompts(edited)


def test_the_sheet_reads_expanded_captions_where_given():
    asked = []

    def draw(text, seed):
        asked.append((text, seed))
        return np.zeros((64, 64, 3), np.uint8)

    captions = {p["id"]: f"layout of {p['id']}" for p in load_prompts()}
    sheet = prompt_sheet(draw, captions)
    assert asked[0] == ("layout of p01", 0)
    assert sheet.width == 8 * 196


def test_a_perfect_autoencoder_keeps_everything_and_a_blurring_one_does_not(atlas):
    perfect = score_autoencoder(lambda p: p, "tiny", atlas, 64, 6)
    assert perfect["psnr_db"] == 99
    assert perfect["judge_kept_share"] == 1
    blurred = score_autoencoder(lambda p: degraded(p, 2, 0), "tiny", atlas, 64, 6)
    assert blurred["psnr_db"] < 30
    assert blurred["judge_kept_share"] < 0.9


def test_exported_autoencoder_rebuilds_scenes(atlas):
    rebuild, manifest = onnx_rebuild(TINY_WEIGHTS)
    scores = score_autoencoder(rebuild, "tiny", atlas, manifest["defaultSize"]["widthPx"], 6)
    assert scores["psnr_db"] > 18
