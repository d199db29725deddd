"""Pieces of training on a device: the same run as `train_dit`, whole after any number of pieces, and fit for a card."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from atelier_runtime.models.dit import DiffusionTransformer
from atelier_runtime.models.tokenizer import PromptTokenizer
from atelier_runtime.training.distil import Lesson, distil_loss
from atelier_runtime.training.flow_loss import batch_loss
from atelier_runtime.training.presets import training_preset
from atelier_runtime.training.scene_stream import BatchMaker
from atelier_runtime.training.split_files import BrokenPartsError, join, split
from atelier_runtime.training.train_dit import Run, load_vae
from atelier_runtime.training.train_on_device import train_piece

SHIPPED = Path(__file__).parents[2] / "weights" / "tiny" / "model.safetensors"
PRESET = replace(training_preset("smoke"), batch=4)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def vae():
    torch.set_num_threads(1)
    return load_vae(SHIPPED)


@pytest.fixture(scope="module")
def batches(vae):
    maker = BatchMaker(replace(PRESET, task_mix=(("recolour", 100),)), 1, vae.mean, vae.analysis, PromptTokenizer())
    return [maker.make(step) for step in range(2)]


def run_in(folder: Path, vae) -> Run:
    run = Run(PRESET, vae, PromptTokenizer(), folder, seed=1)
    run.loss_function = partial(batch_loss, device=CPU)
    return run


def test_its_loss_is_that_of_training_on_the_cpu(vae, batches, tmp_path):
    model = run_in(tmp_path, vae).model
    ours, theirs = (
        loss(model, PRESET, batches[0], torch.Generator().manual_seed(3), False) for loss in (partial(batch_loss, device=CPU), batch_loss)
    )
    assert float(ours.detach()) == float(theirs.detach()) > 0


def test_two_pieces_are_one_run_to_the_bit(vae, tmp_path):
    whole = run_in(tmp_path / "a", vae)
    assert len(train_piece(whole, 3, 600, workers=2, bf16=False)) == 3
    train_piece(run_in(tmp_path / "b", vae), 2, 600, workers=1, bf16=False)
    second = run_in(tmp_path / "b", vae)
    second.load(second.path)
    train_piece(second, 3, 600, workers=1, bf16=False)
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name


def test_a_piece_ends_when_its_time_is_over_and_is_saved(vae, tmp_path):
    run = run_in(tmp_path, vae)
    assert train_piece(run, 10, 0.0, workers=1, bf16=False) == [] and run.path.exists()


@pytest.mark.parametrize("distilling", [False, True])
def test_nothing_stays_on_the_cpu_when_the_device_is_a_card(distilling, vae, batches):
    """Shapes and devices are followed without a card and without numbers; tensors of two devices cannot meet."""
    card = torch.device("cuda")
    lesson = Lesson((4,), 2, 2.0, tuple(PromptTokenizer().null_ids)) if distilling else None
    config = run_in(Path("unused"), vae).model.config
    with FakeTensorMode(allow_non_fake_inputs=True):
        with torch.device(card):
            model, teacher = DiffusionTransformer(config), DiffusionTransformer(config) if distilling else None
        with torch.no_grad():  # walking back would ask the card's driver
            loss = _fake_loss(model, batches[0], card, teacher, lesson)
    assert loss.device.type == "cuda" and loss.shape == ()


def _fake_loss(model, batch, card, teacher, lesson):
    times = torch.full((len(batch.tokens) * PRESET.draws,), 0.5)
    with pytest.MonkeyPatch.context() as patched:  # drawn numbers have no place among tensors without numbers
        patched.setattr("atelier_runtime.training.flow_loss.draw_times", lambda *_: times)
        patched.setattr("atelier_runtime.training.distil.draw_intervals", lambda *_: (times, times * 0.5))
        if lesson is None:
            return batch_loss(model, PRESET, batch, torch.Generator(), True, card)
        return distil_loss(model, PRESET, batch, torch.Generator(), True, teacher, lesson, card)


def test_a_checkpoint_in_parts_comes_together_again_and_a_damaged_one_does_not(tmp_path):
    whole = tmp_path / "dit.pt"
    whole.write_bytes(bytes(range(256)) * 50)
    parts = split(whole, tmp_path / "parts", part_bytes=5000)
    assert [part.stat().st_size for part in parts] == [5000, 5000, 2800]
    join(tmp_path / "parts", tmp_path / "again" / "dit.pt")
    assert (tmp_path / "again" / "dit.pt").read_bytes() == whole.read_bytes()
    parts[1].write_bytes(parts[1].read_bytes()[:-1] + b"!")
    with pytest.raises(BrokenPartsError, match="dit.pt.001"):
        join(tmp_path / "parts", tmp_path / "never" / "dit.pt")
    assert not (tmp_path / "never" / "dit.pt").exists()
