"""Drawing with the committed tiny weights in PyTorch."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from atelier_runtime.pipeline.engine import Engine
from atelier_runtime.pipeline.errors import InferenceInputError, WeightsError
from atelier_runtime.pipeline.requests import DenoiseRequest, DenoiseState, Reference, Size
from atelier_runtime.pipeline.step_schedule import step_schedule

SIZE = Size(64, 64)
REQUEST = DenoiseRequest("text-to-image", ["flat. desert at day <v0>. cactus <x32><y36><s32>."], SIZE, seed=7, steps=4, guidance=1.0)


def drawn(engine, request=REQUEST) -> np.ndarray:
    *_, last = engine.denoise(request)
    return last.latents[0]


def test_a_resumed_denoise_repeats_every_bit(engine):
    undisturbed = drawn(engine)
    for step in engine.denoise(REQUEST):
        if step.number < 4:
            resume = DenoiseState(step.number, engine.fingerprint, step.latents)
            assert (drawn(engine, replace(REQUEST, resume=resume)) == undisturbed).all()


def test_guidance_and_seed_and_caption_change_the_picture(engine):
    undisturbed = drawn(engine)
    for other in ({"guidance": 2.0}, {"seed": 8}, {"captions": ["flat. desert at night <v0>. cactus <x32><y36><s32>."]}):
        assert np.abs(drawn(engine, replace(REQUEST, **other)) - undisturbed).max() > 0.01


def test_the_picture_shows_day_and_night_as_asked(engine):
    day = engine.decode(drawn(engine), SIZE).astype(float)
    night = engine.decode(drawn(engine, replace(REQUEST, captions=["flat. desert at night <v0>. cactus <x32><y36><s32>."])), SIZE)
    assert day[:12].mean() > night[:12].mean() + 30


def test_a_decoded_picture_encodes_to_nearly_the_same_latents(engine):
    rgb = engine.decode(drawn(engine), SIZE)
    assert engine.decode(engine.encode(rgb), SIZE).astype(int) == pytest.approx(rgb.astype(int), abs=40)


@pytest.mark.parametrize(
    "wrong",
    [
        {"task": "levitate"},
        {"size": Size(48, 17)},
        {"captions": []},
        {"captions": [" "]},
        {"captions": ["red apple. " * 2000]},
        {"steps": 0},
        {"steps": 65},
        {"guidance": float("nan")},
        {"seed": 2**32},
        {"resume": DenoiseState(1, "other", [np.zeros((4, 4, 64), np.float32)])},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_can_never_succeed_is_refused(engine, wrong):
    with pytest.raises(InferenceInputError):
        drawn(engine, replace(REQUEST, **wrong))


def test_latents_that_are_not_finite_are_refused(engine):
    latents = drawn(engine).copy()
    latents[-1, -1, -1] = np.nan
    with pytest.raises(InferenceInputError, match="finite"):
        engine.decode(latents, SIZE)


def test_one_changed_byte_of_the_weights_is_found_before_anything_is_drawn(tiny_folder, tmp_path):
    damaged = shutil.copytree(tiny_folder, tmp_path / "weights")
    content = bytearray((damaged / "model.safetensors").read_bytes())
    content[-1000] ^= 1
    (damaged / "model.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match="model.safetensors is damaged"):
        Engine.load(damaged)


def test_a_file_outside_the_folder_is_refused(tiny_folder, tmp_path):
    folder = shutil.copytree(tiny_folder, tmp_path / "weights")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][0]["name"] = "../model.safetensors"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(WeightsError, match="lies outside"):
        Engine.load(folder)


def test_a_reference_reaches_the_picture_and_is_the_same_for_every_request(engine):
    latents = drawn(engine)
    kv = engine.encode_reference(latents)
    assert (kv == engine.encode_reference(latents)).all()
    edit = replace(REQUEST, task="recolour", captions=["make the cactus blue"])
    with_reference = drawn(engine, replace(edit, references=[Reference(kv, "source", 1.0)]))
    assert np.abs(with_reference - drawn(engine, edit)).max() > 0.01
    with pytest.raises(InferenceInputError, match="weight"):
        drawn(engine, replace(edit, references=[Reference(kv, "source", 0.5)]))
    with pytest.raises(InferenceInputError, match="shape"):
        drawn(engine, replace(edit, references=[Reference(kv[:, :, :, 1:], "source", 1.0)]))


def test_a_schedule_of_its_own_is_taken_and_others_are_sampled_from_the_nearest(engine):
    assert step_schedule(engine.manifest, 4) == [1.0, 0.75, 0.5, 0.25, 0.0]
    sampled = step_schedule(engine.manifest, 5)
    assert sampled[0] == 1 and sampled[-1] == 0 and len(sampled) == 6
    assert all(later < earlier for earlier, later in zip(sampled, sampled[1:], strict=False))
