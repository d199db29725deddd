import numpy as np
import onnxruntime
import pytest
import torch

from atelier_runtime.evaluation.checker_data import CheckerScenes, checker_config, damaged
from atelier_runtime.evaluation.checker_network import CheckerConfig, CheckerGraph, CheckerNetwork, decode
from atelier_runtime.evaluation.export_checker import CHECKER_FILE, export_checker
from atelier_runtime.evaluation.picker import LearnedPicker
from atelier_runtime.evaluation.train_checker import Run, load_checker
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.rng import Rng
from atelier_runtime.world.sample import sample_scene


def ideal_outputs(spec, preset, atlas, cells=16):
    """What a perfect network would say about a scene: [r, c, C], [r, c, 1 + K], [r, c, 4]."""
    concepts = np.zeros((cells, cells, len(preset.concepts)), np.float32)
    colours = np.zeros((cells, cells, 1 + len(preset.colours)), np.float32)
    boxes = np.zeros((cells, cells, 4), np.float32)
    for o in spec.objects:
        row, column = int(o.y * cells / 64), int(o.x * cells / 64)
        concepts[row, column, preset.concepts.index(o.concept)] = 0.9
        colours[row, column, 0 if o.colour is None else 1 + preset.colours.index(o.colour)] = 1
        boxes[row, column] = np.array([o.x - o.s / 2, o.y - o.s / 2, o.x + o.s / 2, o.y + o.s / 2]) / 64
    return concepts, colours, boxes


def test_decoding_finds_every_thing_once(atlas, pilot):
    for seed in range(30):
        spec = sample_scene(seed, pilot, atlas)
        found = decode(*ideal_outputs(spec, pilot, atlas))
        assert sorted(pilot.concepts[f.concept] for f in found) == sorted(o.concept for o in spec.objects)


def test_neighbouring_cells_of_one_thing_are_one_thing():
    concepts = np.zeros((8, 8, 2), np.float32)
    concepts[3, 3, 1] = concepts[3, 5, 1] = 0.8
    boxes = np.tile(np.array([0.2, 0.2, 0.8, 0.8], np.float32), (8, 8, 1))
    assert len(decode(concepts, np.ones((8, 8, 3), np.float32), boxes)) == 1


def test_batches_are_repeatable_and_fakes_are_not_labelled(atlas, tiny):
    config = checker_config(tiny)
    a, b = (CheckerScenes(atlas, tiny, config, 12).batch(3) for _ in range(2))
    assert np.array_equal(a.pixels, b.pixels)
    assert np.array_equal(a.heat, b.heat)
    drawn = sum((heat == 1).sum() for heat in a.heat)
    assert drawn == len(a.things)
    assert a.things[:, 4:].min() > 0


def test_damage_keeps_size_and_range():
    picture = np.full((64, 64, 3), 200, np.uint8)
    for seed in range(6):
        out = damaged(picture, Rng(seed))
        assert out.shape == picture.shape
        assert out.dtype == np.uint8


def test_training_lowers_the_loss_and_resumes_where_it_stopped(atlas, tiny, tmp_path):
    torch.set_num_threads(1)
    run = Run(tiny, atlas, tmp_path, batch=8, seed=1)
    first = run.train_step(1e9)["concepts"]
    for _ in range(59):
        last = run.train_step(1e9)["concepts"]
    assert last < 0.9 * first
    run.save()
    again = Run(tiny, atlas, tmp_path, batch=8, seed=2)
    again.resume()
    assert again.train_step(1e9) == pytest.approx(run.train_step(1e9), rel=1e-4)
    graph, world = load_checker(tmp_path / "checker.pt")
    assert world == "tiny"
    assert not graph.training


def test_exported_file_is_small_and_computes_the_same(tmp_path):
    torch.manual_seed(0)
    graph = CheckerGraph(CheckerNetwork(CheckerConfig(concepts=40, colours=9))).eval().requires_grad_(False)
    path = export_checker(graph, tmp_path / CHECKER_FILE)
    assert path.stat().st_size <= 2.5e6
    session = onnxruntime.InferenceSession(str(path))
    pixels = torch.rand(1, 3, 256, 256)
    for name, expected in zip(session.run(None, {"pixels": pixels.numpy()}), graph(pixels), strict=True):
        assert name.shape == tuple(expected.shape)
        assert np.abs(name - expected.numpy()).max() < 5e-3


def test_the_picker_prefers_the_picture_that_holds_what_was_asked(atlas, pilot, tmp_path, monkeypatch):
    graph = CheckerGraph(CheckerNetwork(CheckerConfig(concepts=40, colours=9))).eval()
    picker = LearnedPicker(export_checker(graph, tmp_path / CHECKER_FILE), pilot, atlas)
    asked, other = sample_scene(11, pilot, atlas), sample_scene(12, pilot, atlas)
    pictures = Composer(atlas, 256).render([other, asked, other])
    told = {pictures[0].tobytes(): other, pictures[1].tobytes(): asked}
    monkeypatch.setattr(picker, "look", lambda picture, threshold: decode(*ideal_outputs(told[picture.tobytes()], pilot, atlas), threshold))
    assert picker.best(list(pictures), asked) == 1
