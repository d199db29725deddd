"""A student learns in one pass what its teacher does with guidance in two, or in several steps."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from atelier_runtime.models.dit import DiffusionTransformer
from atelier_runtime.models.tokenizer import PromptTokenizer
from atelier_runtime.training.checkpoint import Ema
from atelier_runtime.training.distil import Lesson, distil_loss, draw_intervals, load_teacher, main, teacher_target
from atelier_runtime.training.flow_loss import placed_references, predict_clean, with_noise
from atelier_runtime.training.presets import training_preset
from atelier_runtime.training.scene_stream import BatchMaker
from atelier_runtime.training.shipped_weights import read_part
from atelier_runtime.training.train_dit import Run, dit_config, load_vae

SHIPPED = Path(__file__).parents[2] / "weights" / "tiny" / "model.safetensors"
PRESET = training_preset("tiny")


def _tiny() -> DiffusionTransformer:
    model = DiffusionTransformer(dit_config(PRESET, PromptTokenizer()))
    model.load_state_dict(read_part(SHIPPED, "dit"))
    return model


def _lesson(substeps: int, guidance: float = 3.0) -> Lesson:
    return Lesson((4,), substeps, guidance, tuple(PromptTokenizer().null_ids))


@pytest.fixture(scope="module")
def maker() -> BatchMaker:
    vae = load_vae(SHIPPED)
    return BatchMaker(PRESET, 3, vae.mean, vae.analysis, PromptTokenizer())


def test_intervals_are_steps_of_the_taught_schedules() -> None:
    lesson = Lesson((2, 4), 1, 1.0, (0,))
    begins, ends = draw_intervals(lesson, 200, torch.Generator().manual_seed(0))
    assert {round(float(b - e), 6) for b, e in zip(begins, ends, strict=True)} == {0.5, 0.25}
    assert float(begins.max()) == 1.0 and float(ends.min()) == 0.0


def test_one_unguided_substep_of_a_teacher_is_its_own_prediction(maker: BatchMaker) -> None:
    teacher, batch = _tiny().eval(), maker.make(0)
    begins, ends = draw_intervals(_lesson(1), len(batch.tokens), torch.Generator().manual_seed(1))
    noisy = with_noise(PRESET, batch, begins, torch.Generator().manual_seed(2))
    target = teacher_target(teacher, PRESET, _lesson(1, guidance=1.0), noisy, ends)
    with torch.no_grad():
        own = predict_clean(teacher, noisy, noisy.tokens, placed_references(teacher, noisy.references, PRESET.grid))
    assert torch.allclose(target, own, atol=1e-4)


@pytest.mark.parametrize("substeps", [1, 2])
def test_a_student_comes_closer_to_its_guided_teacher(substeps: int, maker: BatchMaker, tmp_path: Path) -> None:
    run = Run(PRESET, load_vae(SHIPPED), PromptTokenizer(), tmp_path, seed=1)
    run.begin_with_shipped(SHIPPED)
    run.progress.step = 0
    run.base_rates = [[rate * 0.3 for rate in rates] for rates in run.base_rates]
    run.loss_function = partial(distil_loss, teacher=_tiny().eval().requires_grad_(False), lesson=_lesson(substeps))

    def distance() -> float:
        losses = [run.loss_function(run.model, PRESET, maker.make(8000 + i), torch.Generator().manual_seed(i), False) for i in range(3)]
        return float(torch.stack(losses).mean().detach())

    before = distance()
    for step in range(40):
        run.train_step(maker.make(step), bf16=True)
    assert distance() < 0.8 * before


def test_the_command_writes_a_student_that_counts_the_hours_of_its_teacher(tmp_path: Path) -> None:
    teacher = Run(training_preset("smoke"), load_vae(SHIPPED), PromptTokenizer(), tmp_path / "teacher", seed=1)
    teacher.progress.hours, teacher.progress.scenes = 2.0, 1000
    teacher.ema = Ema(teacher.model, 0.9)
    teacher.save()
    out = tmp_path / "student"
    main(["--preset", "smoke", "--vae", str(SHIPPED), "--teacher", str(teacher.path), "--out", str(out), "--steps", "2", "--fp32"])
    student = Run(training_preset("smoke"), load_vae(SHIPPED), PromptTokenizer(), out, seed=1)
    student.load(out / "dit.pt")
    assert student.progress.step == 2 and student.progress.hours > 2.0 and student.progress.scenes == 1000 + 2 * 32
    frozen = load_teacher(teacher.path, student.model)
    assert all(not p.requires_grad for p in frozen.parameters())
    assert any(not np.array_equal(p.detach(), q.detach()) for p, q in zip(frozen.parameters(), student.model.parameters(), strict=True))
