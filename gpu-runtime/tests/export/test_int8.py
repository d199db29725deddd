"""8-bit graphs: as many products as there are, near the 32-bit ones, no second copy of the weights, and a manifest that holds."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from atelier_runtime.evaluation.engines import OnnxWeights
from atelier_runtime.export.add_int8 import Int8ParityError, add_int8, example_feeds, relative_error
from atelier_runtime.export.int8_graphs import linear_layers, write_int8_graph
from atelier_runtime.export.parity import open_graph

TINY_WEIGHTS = Path(__file__).parents[2] / "weights" / "tiny"


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(TINY_WEIGHTS, tmp_path / "tiny"))


def test_both_precisions_draw_nearly_the_same_picture_from_one_weights_file(folder):
    before = json.loads((folder / "manifest.json").read_text())
    manifest = add_int8(folder, repeats=1)
    assert manifest["fingerprint"] != before["fingerprint"]
    listed = {entry["name"]: entry["bytes"] for entry in manifest["files"]}
    assert {"step_int8.onnx", "prefix_int8.onnx"} < set(listed)
    assert listed["step_int8.onnx"] < 2 * listed["step.onnx"] < listed["model.safetensors"]
    assert manifest["graphs"]["step"]["file"] == "step.onnx"
    exact, rough = (OnnxWeights(folder, precision=p).draw_text("glossy. beach at day <v1>.", 3).astype(int) for p in ("fp32", "int8"))
    assert 0 < np.abs(exact - rough).mean() < 6


def test_added_twice_it_is_listed_once(folder):
    add_int8(folder, repeats=1)
    names = [entry["name"] for entry in add_int8(folder, repeats=1)["files"]]
    assert len(names) == len(set(names))


def test_a_graph_that_differs_is_not_listed(folder, monkeypatch):
    before = (folder / "manifest.json").read_text()
    monkeypatch.setattr("atelier_runtime.export.add_int8.TOLERANCE", 1e-6)
    with pytest.raises(Int8ParityError):
        add_int8(folder, repeats=1)
    assert (folder / "manifest.json").read_text() == before
    assert not (folder / "prefix_int8.onnx").exists()


def test_layers_that_are_kept_stay_exact(folder):
    source, target = folder / "prefix.onnx", folder / "trial.onnx"
    layers = linear_layers(source)
    feeds = example_feeds(json.loads((folder / "manifest.json").read_text()))["prefix"]
    assert write_int8_graph(source, target, keep=layers[1:]) == 1
    expected = open_graph(source).run(None, feeds)[0]
    one = relative_error(open_graph(target).run(None, feeds)[0], expected)
    assert write_int8_graph(source, target) == len(layers)
    every = relative_error(open_graph(target).run(None, feeds)[0], expected)
    assert 0 < one < every < 0.06
