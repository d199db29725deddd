"""The detector of the world: its views, its graph, its answers, and the measures it is judged by."""

import dataclasses

import numpy as np
import onnxruntime
import pytest
import torch

from atelier_runtime.evaluation.checker_network import CheckerNetwork
from atelier_runtime.evaluation.detector.export import OUTPUTS, export_detector, load_detector
from atelier_runtime.evaluation.detector.measure import area_under_curve
from atelier_runtime.evaluation.detector.networks import (
    MOST_THINGS,
    VIEW_PX,
    DetectorGraph,
    Recogniser,
    RecogniserConfig,
    locator_config,
    views_of,
)
from atelier_runtime.evaluation.detector.seen import Seen
from atelier_runtime.evaluation.detector.train import main as train
from atelier_runtime.evaluation.detector.usage import most_used_concepts
from atelier_runtime.evaluation.detector.views import ViewSource
from atelier_runtime.world.vocabulary import preset

COLOURS = 12


@pytest.fixture(scope="module")
def few(tiny):
    return dataclasses.replace(tiny, places=("meadow",), times=("day",), concepts=tiny.concepts[:3])


@pytest.fixture(scope="module")
def views(atlas, few):
    return ViewSource(atlas, few, 64, seed=3)


def test_a_view_shows_the_box_with_its_margin():
    pixels = torch.zeros(1, 3, 128, 128)
    pixels[:, 0, 32:64, 64:96] = 1
    (view,) = views_of(pixels, torch.tensor([[0.5, 0.25, 0.75, 0.5]]))
    assert view.shape == (3, VIEW_PX, VIEW_PX)
    red = (view[0] > 0.5).float()
    assert abs(float(red.mean()) - 1 / 1.25**2) < 0.04
    assert red[VIEW_PX // 2, VIEW_PX // 2] == 1
    assert red[:, :3].sum() == 0


def test_what_is_no_thing_has_no_name(views):
    batch = views.batch()
    assert batch.pixels.shape == (64, 3, VIEW_PX, VIEW_PX)
    assert 0 <= float(batch.pixels.min()) and float(batch.pixels.max()) <= 1
    assert 0.5 < float(batch.real.mean()) < 0.95
    assert torch.equal(batch.concept >= 0, batch.real == 1)
    assert (batch.colour[batch.real == 0] == -1).all()


def test_a_smeared_thing_keeps_its_colours_and_loses_its_outline(views):
    from atelier_runtime.evaluation.detector.views import _smeared

    things = torch.from_numpy(views._bank[:2]).permute(0, 3, 1, 2).float() / 255
    smeared = _smeared(things, 8.0)
    assert torch.allclose(smeared.mean((2, 3)), things.mean((2, 3)), atol=0.02)
    assert smeared.diff(dim=3).abs().max() < 0.2 * things.diff(dim=3).abs().max()


def test_the_exported_graph_answers_like_the_networks(tmp_path):
    torch.manual_seed(0)
    graph = (
        DetectorGraph(CheckerNetwork(locator_config(64)), Recogniser(RecogniserConfig(5, COLOURS, (8, 16, 24))))
        .eval()
        .requires_grad_(False)
    )
    path = export_detector(graph, tmp_path / "detector.onnx")
    session = onnxruntime.InferenceSession(str(path))
    pixels = torch.rand(1, 3, 64, 64)
    there = dict(zip(OUTPUTS, session.run(None, {"pixels": pixels.numpy()}), strict=True))
    here = dict(zip(OUTPUTS, graph(pixels), strict=True))
    assert there["concepts"].shape == (MOST_THINGS, 5)
    # Weights are halved; ties between empty cells may come in another order, so whole sets are compared.
    assert np.allclose(np.sort(there["presence"]), np.sort(here["presence"].numpy()), atol=0.02)
    assert np.allclose(there["concepts"].sum(1), 1, atol=1e-3)


def test_seen_things_answer_counts_relations_and_presence(atlas, few):
    a, b, c = range(3)
    concepts = np.full((4, 3), 0.05, np.float32)
    for row, which in enumerate((a, a, b, c)):
        concepts[row, which] = 0.9
    colours = np.eye(COLOURS, dtype=np.float32)[[0, 0, 4, 5]]
    boxes = np.array([[0.1, 0.5, 0.3, 0.8], [0.11, 0.5, 0.31, 0.8], [0.6, 0.5, 0.9, 0.8], [0.4, 0.1, 0.6, 0.2]], np.float32)
    seen = Seen((np.array([0.9, 0.8, 0.7, 0.1], np.float32), concepts, colours, boxes), few)
    assert [t.concept for t in seen.things] == [few.concepts[a], few.concepts[b]]
    assert seen.count(few.concepts[a]) == 1
    assert seen.count(few.concepts[c]) == 0
    assert seen.relation(few.concepts[a], few.concepts[b]) == "left-of"
    assert seen.relation(few.concepts[a], few.concepts[c]) is None
    assert seen.presence(few.concepts[a]) == pytest.approx(0.81, abs=0.01)


def test_the_area_under_the_curve_counts_pairs_in_the_right_order():
    assert area_under_curve([0.9, 0.8], [0.1, 0.2]) == 1
    assert area_under_curve([0.1], [0.9]) == 0
    assert area_under_curve([0.5, 0.5], [0.5]) == 0.5
    assert area_under_curve([0.9, 0.1], [0.5]) == 0.5


def test_the_most_used_concepts_fit_the_places_with_the_fewest_rivals(atlas):
    world = preset("world", atlas)
    used = most_used_concepts(world, atlas)
    assert len(used) == len(set(used)) == 160
    assert most_used_concepts(world, atlas, len(world.concepts))[:160] == used


def test_training_goes_on_from_its_checkpoint(tmp_path, capsys):
    torch.set_num_threads(1)
    arguments = ["--preset", "tiny", "--out", str(tmp_path), "--batch", "8", "--cpu-minutes"]
    for stage in ("recogniser", "locator"):
        train(["--stage", stage, *arguments, "0.01"])
    first = torch.load(tmp_path / "recogniser.pt", weights_only=True)
    train(["--stage", "recogniser", *arguments, "0.02", "--resume"])
    second = torch.load(tmp_path / "recogniser.pt", weights_only=True)
    assert second["step"] > first["step"] > 0
    graph, world = load_detector(tmp_path)
    presence, concepts, _, boxes = graph(torch.rand(1, 3, 256, 256))
    assert world == "tiny"
    assert presence.shape == (MOST_THINGS,)
    assert concepts.shape[1] == 8
    assert boxes.min() >= 0 and boxes.max() <= 1
