"""Training learns, resumes to the bit, and stops when it diverges."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from atelier_runtime.models.dit import DiffusionTransformer
from atelier_runtime.models.tokenizer import TASKS, PromptTokenizer
from atelier_runtime.models.vae import Autoencoder
from atelier_runtime.training.checkpoint import TrainingDivergedError
from atelier_runtime.training.data_parallel import split_batch
from atelier_runtime.training.flow_loss import batch_loss
from atelier_runtime.training.muon import orthogonalise
from atelier_runtime.training.presets import PRESETS, training_preset
from atelier_runtime.training.scene_stream import BatchMaker, choose_cells
from atelier_runtime.training.task_source import max_references
from atelier_runtime.training.train_dit import Run, dit_config, load_vae, rate_factor
from atelier_runtime.training.train_vae import fit

SMOKE = training_preset("smoke")


@pytest.fixture(scope="module")
def vae() -> Autoencoder:
    import atelier_runtime.training.train_vae as module

    module._FIT_SCENES, before = 120, module._FIT_SCENES
    try:
        return fit(SMOKE, seed=1)
    finally:
        module._FIT_SCENES = before


@pytest.fixture(scope="module")
def maker(vae: Autoencoder) -> BatchMaker:
    return BatchMaker(SMOKE, 1, vae.mean, vae.analysis, PromptTokenizer())


def _run(vae: Autoencoder, out: Path) -> Run:
    return Run(SMOKE, vae, PromptTokenizer(), out, seed=1)


def test_batches_depend_on_seed_and_step_alone(maker: BatchMaker) -> None:
    first, again, other = maker.make(3), maker.make(3), maker.make(4)
    assert np.array_equal(first.latents, again.latents) and np.array_equal(first.tokens, again.tokens)
    assert not np.array_equal(first.latents, other.latents)


def test_edit_batches_bring_a_reference_and_weigh_what_changed(maker: BatchMaker) -> None:
    batches = [maker.make(step) for step in range(24)]
    edits = [batch for batch in batches if batch.references.shape[1] > 0]
    assert 2 < len(edits) < 16 and {batch.task for batch in edits} == {TASKS.index("recolour")}
    for batch in edits:
        differs = np.abs(batch.references[:, 0] - batch.latents).max(-1) > 1e-3
        assert differs.any(1).all() and (batch.weights[differs] >= 2.0).all()
        loss = batch_loss(_fresh(), SMOKE, batch, torch.Generator().manual_seed(0), False)
        assert np.isfinite(float(loss.detach()))


PILOT_TASKS = dict(training_preset("pilot").task_mix)


@pytest.mark.parametrize("task", [task for task in PILOT_TASKS if task != "text-to-image"])
def test_every_task_of_the_large_presets_makes_batches_that_fit_the_network(task: str, vae: Autoencoder) -> None:
    preset = replace(SMOKE, world="pilot", batch=4, task_mix=((task, 1),), instruction_mix=(100, 0, 0, 0))
    maker = BatchMaker(preset, 2, vae.mean, vae.analysis, PromptTokenizer())
    batch = maker.make(0)
    assert batch.task == TASKS.index(task) and batch.latents.shape[1] == batch.outputs * preset.grid**2
    assert batch.references.shape[1] <= max_references([task])
    model = _fresh()
    torch.nn.init.normal_(model.head.weight, std=0.02)
    torch.nn.init.normal_(model.modulation.weight, std=0.1)
    loss = batch_loss(model, preset, batch, torch.Generator().manual_seed(0), False)
    if batch.references.shape[1] > 0:
        batch.references[:] = batch.references[:, :, ::-1].copy()
        assert float(batch_loss(model, preset, batch, torch.Generator().manual_seed(0), False).detach()) != float(loss.detach())


def _fresh() -> DiffusionTransformer:
    torch.manual_seed(0)
    return DiffusionTransformer(dit_config(SMOKE, PromptTokenizer()))


def test_a_hundred_and_fifty_steps_cut_the_loss_on_unseen_scenes_by_a_third(vae: Autoencoder, maker: BatchMaker, tmp_path: Path) -> None:
    run = _run(vae, tmp_path)

    def held_out_loss() -> float:
        losses = [batch_loss(run.model, SMOKE, maker.make(9000 + i), torch.Generator().manual_seed(i), False) for i in range(4)]
        return float(torch.stack(losses).mean().detach())

    before = held_out_loss()
    for step in range(150):
        run.train_step(maker.make(step), bf16=True)
    assert held_out_loss() < 0.67 * before


def test_a_resumed_run_is_equal_to_the_bit(vae: Autoencoder, maker: BatchMaker, tmp_path: Path) -> None:
    whole = _run(vae, tmp_path / "a")
    for step in range(3):
        whole.train_step(maker.make(step), bf16=False)
    whole.save()
    halted = _run(vae, tmp_path / "b")
    halted.load(tmp_path / "a" / "dit.pt")
    for run in (whole, halted):
        for step in (3, 4):
            run.train_step(maker.make(step), bf16=False)
    assert halted.progress.step == whole.progress.step == 5
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, halted.model.state_dict()[name]), name
    for name, value in whole.ema.averages.items():
        assert torch.equal(value, halted.ema.averages[name]), name


def test_a_run_without_finite_losses_stops_and_keeps_its_weights(vae: Autoencoder, maker: BatchMaker, tmp_path: Path) -> None:
    run = _run(vae, tmp_path)
    batch = maker.make(0)
    batch.latents[:] = np.nan
    before = run.model.head.weight.detach().clone()
    with pytest.raises(TrainingDivergedError):
        for _ in range(10):
            run.train_step(batch, bf16=False)
    assert run.bad_steps == 5 and torch.equal(run.model.head.weight, before)


def test_object_cells_are_kept_before_ground() -> None:
    touched = np.zeros(64, dtype=bool)
    touched[[5, 6, 13, 14]] = True
    for seed in range(20):
        cells = choose_cells(touched, 9, np.random.default_rng(seed))
        assert len(cells) == 9 and {5, 6, 13, 14} <= set(cells.tolist())
    assert len(choose_cells(touched, 0, np.random.default_rng(0))) == 64


def test_two_shares_make_the_whole_batch(maker: BatchMaker) -> None:
    batch = maker.make(1)
    assert np.array_equal(np.concatenate([part.latents for part in split_batch(batch, 2)]), batch.latents)


def test_muon_updates_have_singular_values_near_one() -> None:
    torch.manual_seed(0)
    singular = torch.linalg.svdvals(orthogonalise(torch.randn(3, 48, 96)).float())
    assert 0.6 < float(singular.min()) and float(singular.max()) < 1.3


def test_the_rate_warms_up_holds_and_cools_down_to_zero(vae: Autoencoder, tmp_path: Path) -> None:
    progress = _run(vae, tmp_path).progress
    assert rate_factor(progress, SMOKE) < 0.02
    progress.step = 5000
    assert rate_factor(progress, SMOKE) == 1.0
    progress.cooldown_from = 5000
    progress.step = 5000 + SMOKE.cooldown_steps // 2
    assert rate_factor(progress, SMOKE) == pytest.approx(0.5)
    progress.step = 5000 + SMOKE.cooldown_steps
    assert rate_factor(progress, SMOKE) == 0.0


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_divides_its_picture_into_cells(name: str) -> None:
    preset = training_preset(name)
    assert preset.size_px % preset.downsampling == 0 and sum(preset.caption_mix) == 100


def test_training_can_begin_with_the_shipped_weights(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "weights" / "tiny" / "model.safetensors"
    vae = load_vae(shipped)
    run = Run(training_preset("tiny"), vae, PromptTokenizer(), tmp_path, seed=1)
    maker = BatchMaker(run.preset, 1, vae.mean, vae.analysis, run.tokenizer)
    batches = [maker.make(7000 + i) for i in range(3)]

    def loss() -> float:
        losses = [batch_loss(run.model, run.preset, b, torch.Generator().manual_seed(i), False) for i, b in enumerate(batches)]
        return float(torch.stack(losses).mean().detach())

    untrained = loss()
    run.begin_with_shipped(shipped)
    assert loss() < 0.5 * untrained and run.progress.scenes > 0
