"""Packed layers: searched, written, read, drawn with, and found when damaged."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from atelier_runtime.kernels.int4_weights import quantise_int4
from atelier_runtime.pipeline.engine import Engine
from atelier_runtime.pipeline.errors import WeightsError
from atelier_runtime.pipeline.requests import DenoiseRequest, Size
from atelier_runtime.quantization.__main__ import quantise
from atelier_runtime.quantization.calibration import LayerInputs
from atelier_runtime.quantization.linear import QuantisedLinear
from atelier_runtime.quantization.plan import quantise_layer
from atelier_runtime.serving.__main__ import arguments_of, engine_loader

ROOT = Path(__file__).parents[2]
TINY = ROOT / "weights" / "tiny"
SIZE = Size(64, 64)
REQUEST = DenoiseRequest("text-to-image", ["flat. desert at day <v0>. cactus <x32><y36><s32>."], SIZE, seed=7, steps=4, guidance=1.0)


@pytest.fixture(scope="module")
def reports() -> dict:
    return {}


@pytest.fixture(scope="module")
def packed(tmp_path_factory, reports) -> Path:
    torch.set_num_threads(1)  # threads that wait for each other are slow on a busy machine
    folder = tmp_path_factory.mktemp("packed")
    for precision in ("w4a8", "w8a8"):
        reports[precision] = quantise(TINY, folder, precision, samples=6, max_error=0.012, say=lambda _: None)
    return folder


def latents(engine: Engine) -> np.ndarray:
    *_, last = engine.denoise(REQUEST)
    return last.latents[0]


@pytest.fixture(scope="module")
def exact() -> np.ndarray:
    return latents(Engine.load(TINY))


@pytest.mark.parametrize(("precision", "largest", "cosine"), [("w8a8", 0.02, 0.999), ("w4a8", 0.15, 0.97)])
def test_packed_layers_draw_nearly_the_picture_of_the_exact_ones(precision, largest, cosine, packed, exact):
    drawn = latents(Engine.load(TINY, precision, packed=packed))
    error = float(np.square(drawn - exact).mean() / np.square(exact).mean())
    assert 0 < error < largest
    assert float((drawn * exact).sum() / np.linalg.norm(drawn) / np.linalg.norm(exact)) > cosine


def test_the_report_names_every_layer_with_its_bits_and_error_and_the_plan_mixes_both(packed, reports):
    report = json.loads((packed / "w4a8.json").read_text())["report"]
    assert report == reports["w4a8"]
    bits = [layer["bits"] for layer in report["layers"]]
    assert len(bits) == 8 and set(bits) == {4, 8}
    assert all(0 < layer["output_error"] < 0.05 and layer["sensitivity"] > 0 for layer in report["layers"])
    assert report["search"][-1]["network_error"] <= 0.012 < report["search"][-2]["network_error"]
    assert report["bytes"] < 0.45 * report["bytesFp16"] < reports["w8a8"]["bytes"]
    assert report["latentCosine"] > 0.98 and reports["w8a8"]["latentCosine"] > report["latentCosine"]


def test_one_changed_nibble_changes_the_picture(packed, tmp_path):
    """The packed 4-bit weights themselves are what is computed with."""
    damaged = shutil.copytree(packed, tmp_path / "packed")
    manifest = json.loads((damaged / "w4a8.json").read_text())
    name = next(name for name, facts in manifest["layers"].items() if facts["bits"] == 4)
    tensors = load_file(damaged / "w4a8.safetensors")
    tensors[f"{name}.packed"][0, 0] ^= 7
    save_file(tensors, damaged / "w4a8.safetensors")
    with pytest.raises(WeightsError, match="damaged"):
        Engine.load(TINY, "w4a8", packed=damaged)
    manifest["file"]["sha256"] = hashlib.sha256((damaged / "w4a8.safetensors").read_bytes()).hexdigest()
    (damaged / "w4a8.json").write_text(json.dumps(manifest))
    whole, changed = Engine.load(TINY, "w4a8", packed=packed), Engine.load(TINY, "w4a8", packed=damaged)
    assert whole.fingerprint != changed.fingerprint
    pictures = [engine.decode(latents(engine), SIZE).astype(int) for engine in (whole, changed)]
    assert np.abs(pictures[0] - pictures[1]).max() > 0


def test_layers_of_other_weights_and_missing_ones_are_refused(packed, tmp_path):
    with pytest.raises(WeightsError, match="make it with python -m atelier_runtime.quantization"):
        Engine.load(TINY, "w4a8", packed=tmp_path)
    with pytest.raises(WeightsError, match="precision w2a2 is not"):
        Engine.load(TINY, "w2a2")
    foreign = shutil.copytree(packed, tmp_path / "foreign")
    manifest = json.loads((foreign / "w4a8.json").read_text())
    (foreign / "w4a8.json").write_text(json.dumps(manifest | {"weightsFingerprint": "0" * 64}))
    with pytest.raises(WeightsError, match="other weights"):
        Engine.load(TINY, "w4a8", packed=foreign)


def test_smoothing_is_chosen_when_an_input_channel_has_outliers():
    generator = torch.Generator().manual_seed(5)
    weight, rows = torch.randn(32, 64, generator=generator), torch.randn(200, 64, generator=generator)
    rows[:, 3] *= 100
    inputs = LayerInputs(rows.abs().amax(0), rows)
    best, strength, error = quantise_layer(weight, inputs, 8, 64)
    plain = QuantisedLinear.of(weight, 8)
    exact = rows @ weight.T
    assert strength > 0 and error < 0.5 * float((plain(rows) - exact).square().mean() / exact.square().mean())
    assert float((best.dequantised() - weight).square().mean() / weight.square().mean()) < 2e-3


def test_a_quantised_layer_keeps_the_axes_of_its_input():
    layer = QuantisedLinear(quantise_int4(torch.eye(64)), None)
    x = torch.randn(2, 3, 64, generator=torch.Generator().manual_seed(1))
    assert layer(x).shape == x.shape
    assert torch.allclose(layer(x), x, atol=0.05)


def test_the_server_draws_with_the_precision_it_is_told(packed, tmp_path):
    def loaded(folder: Path) -> Engine:
        options = ["--weights", str(TINY), "--socket", "unused", "--precision", "w4a8", "--threads", "1"]
        return engine_loader(arguments_of([*options, "--packed", str(folder)]))()

    engine = loaded(packed)
    assert engine.precision == "w4a8" and engine.fingerprint == Engine.load(TINY, "w4a8", packed=packed).fingerprint
    with pytest.raises(WeightsError, match="there is no w4a8.json"):
        loaded(tmp_path)
