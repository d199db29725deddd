"""Training of the `v3` network at its smallest size."""

import pytest
import torch

import atelier_runtime.training.train_vae as train_vae
from atelier_runtime.models.tokenizer import PromptTokenizer
from atelier_runtime.training.scene_stream import BatchMaker
from atelier_runtime.training.train_mmdit import MmDitRun, TimeWeights, draw, preset_of


@pytest.fixture(scope="module")
def made():
    torch.set_num_threads(1)
    preset = preset_of("smoke")
    train_vae._FIT_SCENES, before = 60, train_vae._FIT_SCENES
    try:
        vae = train_vae.fit(preset, seed=1)
    finally:
        train_vae._FIT_SCENES = before
    maker = BatchMaker(preset, 1, vae.mean, vae.analysis, PromptTokenizer())
    return vae, [maker.make(step) for step in range(6)]


def test_sixty_steps_cut_the_loss_and_resuming_is_exact(made, tmp_path):
    vae, batches = made
    run = MmDitRun("smoke", vae, tmp_path, seed=1)

    def loss() -> float:
        return sum(float(run.loss(batch, 900 + i)[0].detach()) for i, batch in enumerate(batches[-2:]))

    untrained = loss()
    for step in range(60):
        run.train_step(batches[step % 4])
    assert loss() < 0.87 * untrained
    run.save()
    again = MmDitRun("smoke", vae, tmp_path, seed=1)
    again.load()
    for one in (run, again):
        one.train_step(batches[0])
    assert all(torch.equal(value, again.model.state_dict()[name]) for name, value in run.model.state_dict().items())
    assert torch.equal(run.times.mean, again.times.mean)


def test_frozen_features_pull_the_picture_stream(made, tmp_path):
    vae, batches = made
    torch.manual_seed(3)
    eye = torch.nn.Conv2d(3, 10, 8, stride=4)
    run = MmDitRun("smoke", vae, tmp_path, seed=1, features=lambda pixels: eye(pixels).detach())
    with_features = float(run.loss(batches[0], 5)[0].detach())
    plain = MmDitRun("smoke", vae, tmp_path, seed=1)
    assert with_features > float(plain.loss(batches[0], 5)[0].detach()) + 0.1
    run.loss(batches[0], 5)[0].backward()
    assert run.model.repa[0].weight.grad.abs().sum() > 0 and run.model.blocks[0].picture.modulation.weight.grad is not None


def test_times_fall_where_the_loss_is_and_their_weights_keep_the_mean():
    times = TimeWeights()
    times.mean[:] = 0.1
    times.mean[12] = 5.0
    t, weight = times.draw(200_000, torch.Generator().manual_seed(0))
    assert ((t * 16).long() == 12).float().mean() > 0.35
    assert float(weight.mean()) == pytest.approx(1.0, abs=0.02)
    assert float((weight * t).mean()) == pytest.approx(0.5, abs=0.02)  # logit-normal times are even about one half


def test_a_guided_drawing_keeps_its_spread(made, tmp_path):
    vae, batches = made
    run = MmDitRun("smoke", vae, tmp_path, seed=1)
    torch.nn.init.normal_(run.model.head.weight, std=0.2)
    words = torch.from_numpy(batches[0].tokens[:2])
    noise = torch.randn(2, 64, 32, generator=torch.Generator().manual_seed(4))
    null = torch.tensor([PromptTokenizer().null_ids])
    drawn = [draw(run.model, words, null, run.positions, noise, 4, guidance) for guidance in (1.0, 8.0)]
    assert not torch.equal(*drawn) and all(torch.isfinite(part).all() for part in drawn)
    assert drawn[1].std() < 2 * drawn[0].std()
