"""Trains the diffusion transformer on a card (or, to try it, on the CPU) in pieces of limited time.

    python -m atelier_runtime.training.train_on_device --preset gpu --vae VAE --out .runs/gpu --minutes 9 --device cuda
    python -m atelier_runtime.training.train_on_device ... --student-steps 8 4 --teacher .runs/gpu-cooled/dit.pt

The recipe, the loss and the checkpoints are those of `train_dit` and `distil`; here batches come from several processes
and move to the device. Every call goes on where the last one stopped. Before the learning rate may fall to zero, say
--cooldown once: from then on the run ends after the preset's cooldown steps.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from atelier_runtime.models.tokenizer import DEFAULT_TOKENIZER, PromptTokenizer
from atelier_runtime.training import distil
from atelier_runtime.training.flow_loss import batch_loss
from atelier_runtime.training.presets import training_preset
from atelier_runtime.training.scene_stream import stream_batches
from atelier_runtime.training.train_dit import Run, cooldown_preset, load_vae

_AHEAD = 2  # batches that each worker may be in front


def to_device(run: Run, device: torch.device) -> None:
    """After loading: weights, averages and optimiser states."""
    run.model.to(device)
    run.ema.averages = {name: value.to(device) for name, value in run.ema.averages.items()}
    for optimiser in run.optimisers:
        optimiser.load_state_dict(optimiser.state_dict())  # states follow their parameters


def train_piece(run: Run, steps: int, seconds: float, workers: int, bf16: bool) -> list[float]:
    """Until `steps` in all or `seconds` of this call, then saves; returns the losses of this call."""
    losses: list[float] = []
    started = logged_at = time.monotonic()
    hours, logged = run.progress.hours, run.progress.scenes
    vae = run.vae
    stream = stream_batches(run.preset, run.seed, vae.mean, vae.analysis, run.tokenizer.path, run.progress.step, workers, _AHEAD)
    with closing(stream) as batches:
        while run.progress.step < steps and time.monotonic() - started < seconds:
            losses.append(run.train_step(next(batches), bf16))
            run.progress.hours = hours + (time.monotonic() - started) / 3600
            if run.progress.step % 20 == 0:
                now, recent = time.monotonic(), losses[-20:]
                rate = (run.progress.scenes - logged) / max(1e-6, now - logged_at)
                print(f"step {run.progress.step} loss {sum(recent) / len(recent):.4f} {rate:.0f} scenes/s", flush=True)
                logged_at, logged = now, run.progress.scenes
    run.save()
    return losses


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="gpu")
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--minutes", type=float, default=9.0)
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--steps", type=int, help="in all, or with --cooldown from its beginning; default: the preset's")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start-from", type=Path, help="checkpoint to begin with, where OUT has none")
    parser.add_argument("--cooldown", action="store_true")
    parser.add_argument("--teacher", type=Path, help="distil from this checkpoint instead of training")
    parser.add_argument("--student-steps", type=int, nargs="+", default=[8])
    parser.add_argument("--substeps", type=int, default=2)
    options = parser.parse_args(argv)
    preset, device = training_preset(options.preset), torch.device(options.device)
    if options.cooldown or options.teacher:
        preset = cooldown_preset(preset)
    if options.cooldown and options.steps:
        preset = replace(preset, cooldown_steps=options.steps)
    run = Run(preset, load_vae(options.vae), PromptTokenizer(DEFAULT_TOKENIZER), options.out, options.seed)
    run.loss_function = partial(batch_loss, device=device)
    if options.teacher:
        teacher = distil.load_teacher(options.teacher, run.model).to(device)
        lesson = distil.Lesson(tuple(options.student_steps), options.substeps, preset.guidance, tuple(run.tokenizer.null_ids))
        run.loss_function = partial(distil.distil_loss, teacher=teacher, lesson=lesson, device=device)
    if run.path.exists():
        run.load(run.path)
    elif options.teacher:
        distil.begin_as_teacher(run, options.teacher)
    elif options.start_from:
        run.load(options.start_from)
    if options.cooldown and run.progress.cooldown_from < 0:
        run.progress.cooldown_from = run.progress.step
    steps = run.progress.cooldown_from + preset.cooldown_steps if options.cooldown else options.steps or preset.dit_steps
    to_device(run, device)
    print(f"{preset.name} on {device}: from step {run.progress.step} towards {steps}", flush=True)
    losses = train_piece(run, steps, 60 * options.minutes, options.workers, bf16=device.type == "cuda")
    print(f"{len(losses)} steps, {'done' if run.progress.step >= steps else 'to be continued'}", flush=True)


if __name__ == "__main__":
    main()
