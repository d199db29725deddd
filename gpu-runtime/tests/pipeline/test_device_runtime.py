"""The engine's device runtime: what is kept between requests changes no bit, and what does not fit does not start."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from tests.runtime.cpu_recording import CpuRecording

from atelier_runtime.pipeline.engine import Engine, RuntimeOptions
from atelier_runtime.pipeline.errors import InferenceMemoryError
from atelier_runtime.pipeline.requests import DenoiseRequest, DenoiseState, Reference, Size
from atelier_runtime.runtime.captured_steps import RecordedSteps
from atelier_runtime.runtime.denoise_steps import DenoiseSteps

SIZE = Size(64, 64)
REQUEST = DenoiseRequest("text-to-image", ["flat. desert at day <v0>. cactus <x32><y36><s32>."], SIZE, seed=7, steps=4, guidance=1.0)


@dataclass(frozen=True)
class RecordedOnCpu(RuntimeOptions):
    def make_steps(self, dit, device) -> DenoiseSteps:
        steps = DenoiseSteps(dit, device)
        steps.runner, steps.fixed_shapes = RecordedSteps(steps.velocity, CpuRecording, limit=64), True
        return steps


def drawn(engine: Engine, request: DenoiseRequest = REQUEST) -> np.ndarray:
    *_, last = engine.denoise(request)
    return last.latents[0]


def edit_of(engine: Engine) -> DenoiseRequest:
    kv = engine.encode_reference(drawn(engine))
    return replace(REQUEST, task="recolour", captions=["make the cactus blue"], references=[Reference(kv, "source", 1.0)])


@pytest.fixture
def fresh(tiny_folder) -> Engine:
    torch.set_num_threads(1)
    return Engine.load(tiny_folder)


def test_a_picture_from_pooled_references_and_prefix_is_that_of_an_engine_without_a_pool(fresh, tiny_folder):
    edit = edit_of(fresh)
    without = Engine.load(tiny_folder, options=RuntimeOptions(pool_bytes=0))
    expected = drawn(without, edit)
    pooled = [drawn(fresh, edit) for _ in range(3)]
    assert all((picture == expected).all() for picture in pooled)
    assert without.runtime.pool.stats().entries == 0 and without.runtime.pool.stats().hits == 0


def test_a_second_request_computes_no_prefix_and_another_sentence_copies_no_reference(fresh, monkeypatch):
    edit, prefixes, copies = edit_of(fresh), [], []
    computed = fresh._networks.dit.prefix
    monkeypatch.setattr(fresh._networks.dit, "prefix", lambda *inputs: prefixes.append(1) or computed(*inputs))
    copied = torch.tensor
    monkeypatch.setattr(torch, "tensor", lambda data, **how: copies.append(np.ndim(data)) or copied(data, **how))
    drawn(fresh, edit)
    assert len(prefixes) == 1 and copies.count(5) == 1
    drawn(fresh, replace(edit, seed=8))
    assert len(prefixes) == 1 and copies.count(5) == 1
    drawn(fresh, replace(edit, captions=["make the cactus red"]))
    assert len(prefixes) == 2 and copies.count(5) == 1


def test_other_pixels_tasks_and_words_find_nothing_of_each_other(fresh, tiny_folder):
    edit = edit_of(fresh)
    darker = Reference(edit.references[0].kv * np.float32(0.5), "source", 1.0)
    requests = [
        edit, replace(edit, references=[darker]), replace(edit, task="text-to-image"), replace(edit, references=[*edit.references, darker]),
        replace(edit, references=[darker, *edit.references]), replace(edit, guidance=2.0),
    ]  # fmt: skip
    requests = [request for request in requests if len(request.references) <= fresh.manifest["limits"]["maxReferences"]]
    without = Engine.load(tiny_folder, options=RuntimeOptions(pool_bytes=0))
    for request in (*requests, *requests):
        assert (drawn(fresh, request) == drawn(without, request)).all()


def test_a_run_keeps_its_prefix_until_it_ends_or_is_dropped(fresh):
    run = fresh.denoise(REQUEST)
    next(run)
    assert fresh.runtime.pool.stats().in_use == 1
    run.close()
    assert fresh.runtime.pool.stats().in_use == 0 and fresh.runtime.pool.stats().entries == 1


def test_a_run_that_is_predicted_not_to_fit_is_refused_before_anything_is_computed(tiny_folder):
    needed = Engine.load(tiny_folder).denoising(REQUEST).plan()
    run_bytes = needed.total - needed.weights
    tight = Engine.load(tiny_folder, options=RuntimeOptions(memory_bytes=run_bytes - 1))
    with pytest.raises(InferenceMemoryError, match=f"{run_bytes} bytes are predicted, {run_bytes - 1} are free"):
        next(tight.denoise(REQUEST))
    assert tight.runtime.pool.stats().misses == 0
    roomy = Engine.load(tiny_folder, options=RuntimeOptions(memory_bytes=run_bytes))
    first = roomy.denoise(REQUEST)
    next(first)
    with pytest.raises(InferenceMemoryError, match="beside 1 runs"):
        next(roomy.denoise(replace(REQUEST, seed=8)))
    assert (drawn_rest(first) == drawn(roomy)).all()  # the refused one did no harm, and its place is free again


def drawn_rest(run) -> np.ndarray:
    *_, last = run
    return last.latents[0]


def test_what_a_card_has_free_is_asked_too(fresh, monkeypatch):
    monkeypatch.setattr("atelier_runtime.pipeline.engine.free_bytes", lambda device: 10_000)
    with pytest.raises(InferenceMemoryError, match="10000 are free"):
        next(fresh.denoise(REQUEST))


def test_recorded_steps_over_padded_text_draw_the_picture_of_plain_ones(fresh, tiny_folder):
    recorded, edit = Engine.load(tiny_folder, options=RecordedOnCpu()), edit_of(fresh)
    for request in (REQUEST, replace(REQUEST, guidance=2.0), edit):
        assert np.abs(drawn(recorded, request) - drawn(fresh, request)).max() < 1e-4
    assert recorded.fingerprint != fresh.fingerprint


def test_after_the_warm_up_no_length_of_text_is_recorded_anew(tiny_folder):
    recorded = Engine.load(tiny_folder, options=RecordedOnCpu())
    recorded.warm_up()
    warm = recorded.runtime.steps.runner.recorded
    assert warm >= 2 and recorded.runtime.pool.stats().entries == 0
    for words in (1, 9, 20):
        drawn(recorded, replace(REQUEST, captions=["cactus " * words]))
    assert recorded.runtime.steps.runner.recorded == warm


def test_a_recorded_run_stopped_and_taken_up_again_repeats_every_bit(tiny_folder):
    engine = Engine.load(tiny_folder, options=RecordedOnCpu())
    undisturbed = drawn(engine)
    for step in engine.denoise(REQUEST):
        if step.number < REQUEST.steps:
            resume = DenoiseState(step.number, engine.fingerprint, step.latents)
            assert (drawn(engine, replace(REQUEST, resume=resume)) == undisturbed).all()


def test_sixteen_bits_draw_nearly_the_picture_of_thirty_two(fresh, tiny_folder):
    half, edit = Engine.load(tiny_folder, "bf16"), edit_of(fresh)
    assert half.fingerprint != fresh.fingerprint and half.precision == "bf16"
    for request in (REQUEST, edit):
        actual, expected = drawn(half, request), drawn(fresh, request)
        assert 0 < float(np.square(actual - expected).mean() / np.square(expected).mean()) < 0.01
    assert half.encode_reference(drawn(half)).dtype == np.float32
