"""Distillation: a student whose single step does what a guided teacher does in several.

    python -m atelier_runtime.training.distil --preset pilot --vae VAE --teacher DIT --out .runs/pilot-distilled \\
        --student-steps 8 --substeps 1 --guidance 2.5

With one substep the student learns the guided prediction (guidance distillation, Meng et al. 2023): every step then costs
one pass instead of two. With two substeps it also halves the number of steps (progressive distillation, Salimans and Ho
2022); several step counts can be taught at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from atelier_runtime.models.dit import DiffusionTransformer
from atelier_runtime.models.tokenizer import DEFAULT_TOKENIZER, PromptTokenizer
from atelier_runtime.sampling.flow import shifted_schedule
from atelier_runtime.training.checkpoint import load_checkpoint
from atelier_runtime.training.data_parallel import ParallelGradients, compile_blocks
from atelier_runtime.training.flow_loss import CPU, NoisyBatch, placed_references, predict_clean, velocity_error, with_noise
from atelier_runtime.training.presets import TrainingPreset, training_preset
from atelier_runtime.training.scene_stream import Batch
from atelier_runtime.training.train_dit import Run, cooldown_preset, load_vae, train


@dataclass(frozen=True)
class Lesson:
    """`student_steps`: the step counts to teach; `substeps`: teacher steps within one of the student's."""

    student_steps: tuple[int, ...]
    substeps: int
    guidance: float
    null_ids: tuple[int, ...]


def draw_intervals(lesson: Lesson, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Begin and end times f32 [count] of student steps, drawn evenly from its schedules."""
    schedules = [shifted_schedule(steps) for steps in lesson.student_steps]
    begins, ends = [], []
    for which in torch.randint(len(schedules), (count,), generator=generator).tolist():
        schedule = schedules[which]
        step = int(torch.randint(len(schedule) - 1, (1,), generator=generator))
        begins.append(schedule[step])
        ends.append(schedule[step + 1])
    return torch.tensor(begins), torch.tensor(ends)


@torch.no_grad()
def teacher_target(teacher: DiffusionTransformer, preset: TrainingPreset, lesson: Lesson, noisy: NoisyBatch, ends: Tensor) -> Tensor:
    """The clean latent [B, m, c] that takes z from t to where the teacher's guided substeps take it by one Euler step."""
    references = placed_references(teacher, noisy.references, preset.grid)
    empty = noisy.tokens.new_tensor([lesson.null_ids]).expand(len(noisy.tokens), -1)
    z = noisy.z
    for substep in range(lesson.substeps):
        t = torch.lerp(noisy.t, ends, substep / lesson.substeps)
        t_next = torch.lerp(noisy.t, ends, (substep + 1) / lesson.substeps)
        now = replace(noisy, z=z, t=t)
        with_words = predict_clean(teacher, now, noisy.tokens, references).float()
        without = predict_clean(teacher, now, empty, references).float()
        clean = without + lesson.guidance * (with_words - without)
        z = z + (t_next - t)[:, None, None] * teacher.velocity(z, t, clean)
    velocity = (z - noisy.z) / (ends - noisy.t)[:, None, None]
    return noisy.z - noisy.t[:, None, None] * velocity


def distil_loss(
    model: DiffusionTransformer, preset: TrainingPreset, batch: Batch, generator: torch.Generator, bf16: bool,
    teacher: DiffusionTransformer, lesson: Lesson, device: torch.device = CPU,
) -> Tensor:  # fmt: skip
    """Velocity error against the teacher, on true latents under noise."""
    begins, ends = draw_intervals(lesson, len(batch.tokens) * preset.draws, generator)
    noisy = with_noise(preset, batch, begins, generator, device)
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
        target = teacher_target(teacher, preset, lesson, noisy, ends.to(device))
        references = placed_references(model, noisy.references, preset.grid)
        predicted = predict_clean(model, noisy, noisy.tokens, references)
    return velocity_error(predicted, target, noisy)


def load_teacher(path: Path, like: DiffusionTransformer) -> DiffusionTransformer:
    """The averaged weights of a checkpoint, frozen."""
    teacher = DiffusionTransformer(like.config)
    teacher.load_state_dict(load_checkpoint(path)["ema"])
    return teacher.eval().requires_grad_(False)


def begin_as_teacher(run: Run, path: Path) -> None:
    """The student is the teacher with fresh optimisers; hours and scenes go on counting."""
    state = load_checkpoint(path)
    run.model.load_state_dict(state["ema"])
    run.ema.averages = {name: value.clone() for name, value in state["ema"].items()}
    run.progress = replace(run.progress, hours=state["progress"]["hours"], scenes=state["progress"]["scenes"], cooldown_from=0)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", required=True)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, required=True, help="checkpoint of train_dit")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--student-steps", type=int, nargs="+", default=[8])
    parser.add_argument("--substeps", type=int, default=1)
    parser.add_argument("--guidance", type=float, help="default: of the preset")
    parser.add_argument("--steps", type=int, default=600, help="training steps; the rate falls to zero over them")
    parser.add_argument("--rate", type=float, default=0.3, help="share of the preset's learning rates")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--parallel", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--fp32", action="store_true")
    parser.add_argument("--save-every-s", type=float, default=180)
    options = parser.parse_args(arguments)
    preset = cooldown_preset(training_preset(options.preset))
    preset = replace(
        preset,
        cooldown_steps=options.steps,
        dropout=0.0,
        muon_rate=preset.muon_rate * options.rate,
        adam_rate=preset.adam_rate * options.rate,
    )
    tokenizer = PromptTokenizer(DEFAULT_TOKENIZER)
    run = Run(preset, load_vae(options.vae), tokenizer, options.out, options.seed)
    teacher = load_teacher(options.teacher, run.model)
    if options.resume and run.path.exists():
        run.load(run.path)
    else:
        begin_as_teacher(run, options.teacher)
    guidance = preset.guidance if options.guidance is None else options.guidance
    lesson = Lesson(tuple(options.student_steps), options.substeps, guidance, tuple(tokenizer.null_ids))
    run.loss_function = partial(distil_loss, teacher=teacher, lesson=lesson)
    if options.parallel:
        run.parallel = ParallelGradients(run.model, preset, run.loss_function, options.compile)
        torch.set_num_threads(1)
    if options.compile:
        compile_blocks(run.model)
    train(run, options.steps, not options.fp32, options.save_every_s, grid_every_s=float("inf"), log_every=20)


if __name__ == "__main__":
    main()
