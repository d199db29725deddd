"""Trains the diffusion transformer on latents of the world.

python -m atelier_runtime.training.train_dit --preset pilot --vae .runs/vae/vae.pt --out .runs/pilot --resume
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from atelier_runtime.models.dit import DiffusionTransformer, DitConfig
from atelier_runtime.models.tokenizer import DEFAULT_TOKENIZER, PromptTokenizer
from atelier_runtime.models.vae import Autoencoder, VaeConfig
from atelier_runtime.training.checkpoint import Ema, TrainingDivergedError, load_checkpoint, save_checkpoint
from atelier_runtime.training.data_parallel import LossFunction, ParallelGradients, Share, compile_blocks, compute_share
from atelier_runtime.training.flow_loss import batch_loss
from atelier_runtime.training.muon import Muon
from atelier_runtime.training.presets import TASK_MIXES, TrainingPreset, training_preset
from atelier_runtime.training.sample_grid import write_sample_grid
from atelier_runtime.training.scene_stream import Batch, lesson_at, stream_batches
from atelier_runtime.training.shipped_weights import read_part, read_progress, read_vae

_WARM_UP_STEPS = 100
_MAX_BAD_STEPS = 5


def dit_config(preset: TrainingPreset, tokenizer: PromptTokenizer) -> DitConfig:
    return DitConfig(
        channels=preset.channels, width=preset.width, layers=preset.layers, head_width=preset.head_width,
        mlp_width=preset.mlp_width, vocabulary=tokenizer.vocabulary_size, word_width=preset.word_width,
        layout_x0=tokenizer.id_of("<x0>"), layout_y0=tokenizer.id_of("<y0>"), layout_s0=tokenizer.id_of("<s0>"),
        sentence_end=tokenizer.id_of("."), pad=tokenizer.id_of("<pad>"), out1=tokenizer.id_of("<out1>"),
    )  # fmt: skip


def optimisers(model: DiffusionTransformer, preset: TrainingPreset) -> list[torch.optim.Optimizer]:
    parts: dict[int, list[torch.nn.Parameter]] = {1: [], 2: [], 3: []}
    for block in model.blocks:
        parts[3].append(block.qkv.weight)
        parts[2].append(block.gate_up.weight)
        parts[1] += [block.proj.weight, block.down.weight]
    in_muon = {id(p) for group in parts.values() for p in group}
    rest = [p for p in model.parameters() if id(p) not in in_muon]
    muon = Muon([{"params": group, "parts": count} for count, group in parts.items()], lr=preset.muon_rate, decay=0.01)
    adam = torch.optim.AdamW(rest, lr=preset.adam_rate, betas=(0.9, 0.99), weight_decay=0.0)
    return [muon, adam]


@dataclass
class Progress:
    step: int = 0
    scenes: int = 0
    hours: float = 0.0
    cooldown_from: int = -1


def rate_factor(progress: Progress, preset: TrainingPreset) -> float:
    """Warm-up, constant, and after `--cooldown` a straight line to zero."""
    warm = min(1.0, (progress.step + 1) / _WARM_UP_STEPS)
    if progress.cooldown_from < 0:
        return warm
    return warm * max(0.0, 1 - (progress.step - progress.cooldown_from) / preset.cooldown_steps)


def cooldown_preset(preset: TrainingPreset) -> TrainingPreset:
    """The last lesson on whole pictures; the average forgets faster, since the weights settle by themselves."""
    last = replace(preset.lessons[-1], until_step=1 << 30, cells=0)
    return replace(preset, lessons=(last,), draws=min(2, preset.draws), ema_decay=min(0.995, preset.ema_decay))


class Run:
    """One training run in one folder."""

    def __init__(self, preset: TrainingPreset, vae: Autoencoder, tokenizer: PromptTokenizer, out: Path, seed: int) -> None:
        torch.manual_seed(seed)
        self.preset, self.vae, self.tokenizer, self.out, self.seed = preset, vae, tokenizer, out, seed
        self.model = DiffusionTransformer(dit_config(preset, tokenizer))
        self.optimisers = optimisers(self.model, preset)
        self.base_rates = [[group["lr"] for group in o.param_groups] for o in self.optimisers]
        self.ema = Ema(self.model, preset.ema_decay)
        self.progress = Progress()
        self.bad_steps = 0
        self.loss_function: LossFunction = batch_loss
        self.parallel: ParallelGradients | None = None

    @property
    def path(self) -> Path:
        return self.out / "dit.pt"

    def save(self) -> None:
        state = {
            "config": self.model.config.to_json(), "preset": self.preset.name, "seed": self.seed,
            "model": self.model.state_dict(), "ema": self.ema.averages,
            "optimisers": [o.state_dict() for o in self.optimisers], "progress": vars(self.progress),
        }  # fmt: skip
        save_checkpoint(self.path, state)

    def begin_with_shipped(self, path: Path) -> None:
        """Weights of `model.safetensors` with fresh optimisers, which warm up again."""
        tensors = read_part(path, "dit")
        self.model.load_state_dict(tensors)
        self.ema.averages = {name: value.clone() for name, value in tensors.items()}
        self.progress = Progress(**read_progress(path))

    def load(self, path: Path) -> None:
        state = load_checkpoint(path)
        self.model.load_state_dict(state["model"])
        self.ema.averages = state["ema"]
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.progress = Progress(**state["progress"])

    def train_step(self, batch: Batch, bf16: bool) -> float:
        factor = rate_factor(self.progress, self.preset)
        for optimiser, rates in zip(self.optimisers, self.base_rates, strict=True):
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * factor
        noise_seed = self.seed * 1_000_003 + self.progress.step
        if self.parallel is not None:
            value = self.parallel.step(batch, noise_seed, bf16)
        else:
            value = compute_share(self.model, self.preset, Share(batch, noise_seed, bf16), self.loss_function)
        if math.isfinite(value):
            norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            if torch.isfinite(norm):
                for optimiser in self.optimisers:
                    optimiser.step()
                self.ema.update(self.model, self.progress.step)
                self.bad_steps = 0
            else:
                value = math.nan
        if not math.isfinite(value):
            self.bad_steps += 1
            if self.bad_steps >= _MAX_BAD_STEPS:
                raise TrainingDivergedError(f"{self.bad_steps} steps in a row without a finite loss, at step {self.progress.step}")
        self.progress.step += 1
        self.progress.scenes += len(batch.tokens)
        return value


def train(run: Run, steps: int, bf16: bool, save_every_s: float, grid_every_s: float, log_every: int) -> list[float]:
    """Runs until `steps` in all; returns the losses of this call."""
    batches = stream_batches(run.preset, run.seed, run.vae.mean, run.vae.analysis, run.tokenizer.path, run.progress.step)
    losses: list[float] = []
    started = last_save = last_grid = last_log = time.monotonic()
    hours_before, logged = run.progress.hours, run.progress.scenes
    for batch in batches:
        if run.progress.step >= steps:
            break
        losses.append(run.train_step(batch, bf16))
        now = time.monotonic()
        run.progress.hours = hours_before + (now - started) / 3600
        if run.progress.step % log_every == 0:
            recent = losses[-log_every:]
            lesson = run.preset.lessons.index(lesson_at(run.preset, run.progress.step))
            line = (
                f"step {run.progress.step} loss {sum(recent) / len(recent):.4f} lesson {lesson} scenes {run.progress.scenes} "
                f"{(run.progress.scenes - logged) / (now - last_log):.1f} scenes/s {run.progress.hours:.3f} h"
            )
            print(line, flush=True)
            last_log, logged = now, run.progress.scenes
        if now - last_save > save_every_s:
            run.save()
            last_save = time.monotonic()
        if now - last_grid > grid_every_s:
            write_sample_grid(run.out / "grid.png", run.preset, run.model, run.ema.averages, run.vae, run.tokenizer)
            last_grid = time.monotonic()
    batches.close()
    run.save()
    return losses


def load_vae(path: Path) -> Autoencoder:
    """From a checkpoint of train_vae or from shipped weights (`model.safetensors`)."""
    if path.suffix == ".safetensors":
        return read_vae(path).eval().requires_grad_(False)
    state = load_checkpoint(path)
    vae = Autoencoder(VaeConfig(**state["config"]))
    vae.load_state_dict(state["model"])
    return vae.eval().requires_grad_(False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", required=True)
    parser.add_argument("--vae", type=Path, required=True, help="checkpoint of train_vae")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, default=DEFAULT_TOKENIZER)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, help="steps in all (default: of the preset)")
    parser.add_argument("--resume", action="store_true", help="go on from OUT/dit.pt where it exists")
    parser.add_argument("--start-from", type=Path, help="checkpoint of another run, or shipped model.safetensors, to begin with")
    parser.add_argument("--task-mix", choices=sorted(TASK_MIXES), help="shares of the tasks (default: of the preset)")
    parser.add_argument("--cooldown", action="store_true", help="let the learning rate fall to zero from here on")
    parser.add_argument("--cooldown-steps", type=int, help="how long that takes (default: of the preset)")
    parser.add_argument("--fp32", action="store_true")
    parser.add_argument("--compile", action="store_true", help="compile the blocks: two minutes once, then a third faster")
    parser.add_argument("--parallel", action="store_true", help="two single-threaded processes instead of two threads")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--save-every-s", type=float, default=180)
    parser.add_argument("--grid-every-s", type=float, default=420)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    preset = training_preset(arguments.preset)
    if arguments.task_mix:
        preset = replace(preset, task_mix=TASK_MIXES[arguments.task_mix])
    if arguments.cooldown:
        preset = cooldown_preset(preset)
    if arguments.cooldown_steps:
        preset = replace(preset, cooldown_steps=arguments.cooldown_steps)
    run = Run(preset, load_vae(arguments.vae), PromptTokenizer(arguments.tokenizer), arguments.out, arguments.seed)
    if arguments.resume and run.path.exists():
        run.load(run.path)
    elif arguments.start_from:
        begin = run.begin_with_shipped if arguments.start_from.suffix == ".safetensors" else run.load
        begin(arguments.start_from)
    steps = arguments.steps or preset.dit_steps
    if arguments.cooldown:
        if run.progress.cooldown_from < 0:
            run.progress.cooldown_from = run.progress.step
        steps = run.progress.cooldown_from + preset.cooldown_steps
    if arguments.parallel:
        run.parallel = ParallelGradients(run.model, preset, run.loss_function, arguments.compile)
        torch.set_num_threads(1)
    if arguments.compile:
        compile_blocks(run.model)
    parameters = sum(p.numel() for p in run.model.parameters())
    print(
        f"{preset.name}: {parameters / 1e6:.2f} M parameters, {torch.get_num_threads()} threads, from step {run.progress.step}", flush=True
    )
    train(run, steps, not arguments.fp32, arguments.save_every_s, arguments.grid_every_s, log_every=20)


if __name__ == "__main__":
    main()
