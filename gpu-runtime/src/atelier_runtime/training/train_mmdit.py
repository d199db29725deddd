"""Trains the `v3` network (models/mmdit.py) on text and pictures, at the size of an ablation unless told otherwise.

    python -m atelier_runtime.training.train_mmdit --size ablation --out .runs/v3 --minutes 10 --resume
    python -m atelier_runtime.training.train_mmdit --size ablation --out .runs/v3-repa --features .runs/checker/checker.pt

Flow matching of the velocity (Lipman et al. 2023) at logit-normal times, drawn anew in proportion to what the network
still gets wrong there. With --features the picture stream is also pulled towards the features of the frozen checker
network (REPA). Batches and noise depend on (seed, step) alone: a resumed run repeats an undisturbed one bit for bit.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from atelier_runtime.models.mmdit import MmDit, MmDitConfig, cell_positions, repa_loss
from atelier_runtime.models.tokenizer import PromptTokenizer
from atelier_runtime.models.vae import Autoencoder
from atelier_runtime.training.checkpoint import Ema, TrainingDivergedError, load_checkpoint, save_checkpoint
from atelier_runtime.training.presets import TrainingPreset, training_preset
from atelier_runtime.training.scene_stream import Batch, stream_batches
from atelier_runtime.training.train_vae import fit

Features = Callable[[Tensor], Tensor]
"""Pixels f32 [B, 3, H, W] in 0..1 -> features [B, f, r, c] of a frozen network."""

REPA_WEIGHT = 0.5
_SIZES = {  # preset of the world, then width, layers and perceptron of the network
    "smoke": ("smoke", 64, 2, 160),
    "ablation": ("tiny", 128, 4, 320),
    "gpu": ("gpu", 384, 12, 1024),
}


def preset_of(size: str) -> TrainingPreset:
    """Text to picture alone, at f = 8: 64 px give the 64 cells of an ablation."""
    name = _SIZES[size][0]
    channels = 32 if size != "gpu" else 16
    return replace(training_preset(name), downsampling=8, channels=channels, task_mix=(("text-to-image", 100),))


def config_of(size: str, tokenizer: PromptTokenizer, repa: bool = False, repa_width: int = 96) -> MmDitConfig:
    _, width, layers, mlp = _SIZES[size]
    return MmDitConfig(
        channels=preset_of(size).channels, width=width, layers=layers, head_width=32 if width < 256 else 64, mlp_width=mlp,
        vocabulary=tokenizer.vocabulary_size, word_width=width, repa_layer=max(1, layers // 2) if repa else 0, repa_width=repa_width,
    )  # fmt: skip


@dataclass
class TimeWeights:
    """Mean loss of each sixteenth of the time axis. Half of the times are logit-normal (Esser et al. 2024), half fall
    where the loss is large; the loss is divided by how much likelier that made them, so its mean stays the same."""

    mean: Tensor = field(default_factory=lambda: torch.ones(16))

    def draw(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """t f32 [count] and its weight f32 [count] against plain logit-normal times."""
        bins = len(self.mean)
        plain = torch.sigmoid(torch.randn(count, generator=generator))
        share = self.mean / self.mean.sum()
        chosen = (torch.multinomial(share, count, replacement=True, generator=generator) + torch.rand(count, generator=generator)) / bins
        t = torch.where(torch.rand(count, generator=generator) < 0.5, plain, chosen).clamp(1e-3, 1 - 1e-3)
        normal = torch.exp(-0.5 * torch.logit(t).square()) / (math.sqrt(2 * math.pi) * t * (1 - t))
        drawn = 0.5 * normal + 0.5 * bins * share[self._bin(t)]
        return t, normal / drawn

    def observe(self, t: Tensor, loss: Tensor) -> None:
        """One loss per time."""
        place = self._bin(t)
        count = torch.bincount(place, minlength=len(self.mean))
        total = torch.bincount(place, weights=loss.double(), minlength=len(self.mean)).float()
        seen = count > 0
        self.mean[seen] = torch.lerp(self.mean[seen], total[seen] / count[seen], 0.05)

    def _bin(self, t: Tensor) -> Tensor:
        return (t * len(self.mean)).long().clamp(max=len(self.mean) - 1)


class MmDitRun:
    """One run in one folder, on one device."""

    def __init__(self, size: str, vae: Autoencoder, out: Path, seed: int, features: Features | None = None, device: str = "cpu") -> None:
        torch.manual_seed(seed)
        self.size, self.preset, self.out, self.seed, self.features = size, preset_of(size), out, seed, features
        self.device, self.vae = torch.device(device), vae.to(device)
        width = 0 if features is None else features(torch.zeros(1, 3, self.preset.size_px, self.preset.size_px, device=device)).shape[1]
        self.model = MmDit(config_of(size, PromptTokenizer(), features is not None, max(1, width))).to(device)
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.01)
        self.ema = Ema(self.model, self.preset.ema_decay)
        self.times, self.step, self.seconds, self.bad_steps = TimeWeights(), 0, 0.0, 0
        self.positions = cell_positions(self.preset.grid, self.preset.grid).to(device)

    @property
    def path(self) -> Path:
        return self.out / "mmdit.pt"

    def loss(self, batch: Batch, seed: int) -> tuple[Tensor, Tensor, Tensor]:
        """Loss of the batch, then t [B] and the plain squared errors [B], detached, on the CPU."""
        generator = torch.Generator().manual_seed(seed)
        clean = torch.from_numpy(batch.latents)
        t, weight = self.times.draw(len(clean), generator)
        noise = torch.randn(clean.shape, generator=generator)
        clean, noise, at = clean.to(self.device), noise.to(self.device), t.to(self.device)
        z = torch.lerp(clean, noise, at[:, None, None])
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            found = self.model(z, at, torch.from_numpy(batch.tokens).to(self.device), self.positions)
        error = (found.velocity.float() - (noise - clean)).square().mean((1, 2))
        loss = (error * weight.to(self.device)).mean()
        if self.features is not None:
            loss = loss + REPA_WEIGHT * repa_loss(found.features, self._truth(clean))
        return loss, t, error.detach().cpu()

    @torch.no_grad()
    def _truth(self, clean: Tensor) -> Tensor:
        """Frozen features [B, m, f] of the true pictures, one per cell."""
        grid = self.preset.grid
        pixels = self.vae.decode_linear(clean.unflatten(1, (grid, grid))).clamp(0, 1)
        return F.adaptive_avg_pool2d(self.features(pixels), grid).flatten(2).transpose(1, 2)

    def train_step(self, batch: Batch) -> float:
        self.optimiser.param_groups[0]["lr"] = 1e-3 * min(1.0, (self.step + 1) / 100)
        loss, t, errors = self.loss(batch, self.seed * 1_000_003 + self.step)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        if torch.isfinite(loss) and torch.isfinite(norm):
            self.optimiser.step()
            self.ema.update(self.model, self.step)
            self.times.observe(t, errors)
            self.bad_steps = 0
        else:
            self.bad_steps += 1
            if self.bad_steps >= 5:
                raise TrainingDivergedError(f"five steps in a row without a finite loss, at step {self.step}")
        self.step += 1
        return float(loss.detach())

    def save(self) -> None:
        state = {
            "config": self.model.config.to_json(), "size": self.size, "model": self.model.state_dict(), "ema": self.ema.averages,
            "optimiser": self.optimiser.state_dict(), "times": self.times.mean, "step": self.step, "seconds": self.seconds,
            "vae": {"config": self.vae.config.to_json(), "model": self.vae.state_dict()},
        }  # fmt: skip
        save_checkpoint(self.path, state)

    def load(self) -> None:
        state = load_checkpoint(self.path)
        self.model.load_state_dict(state["model"])
        self.ema.averages = {name: value.to(self.device) for name, value in state["ema"].items()}
        self.optimiser.load_state_dict(state["optimiser"])
        self.vae.load_state_dict(state["vae"]["model"])
        self.times.mean, self.step, self.seconds = state["times"], state["step"], state["seconds"]


@torch.inference_mode()
def draw(model: MmDit, token_ids: Tensor, null_ids: Tensor, positions: Tensor, noise: Tensor, steps: int, guidance: float) -> Tensor:
    """Euler steps with classifier-free guidance (two passes each), noise [B, m, c] -> latents [B, m, c].

    Guidance follows the consistent noise expectation of Seedream 3.0's report in its simplest form: the guided noise
    prediction is brought back to the standard deviation of the conditional one, so few steps do not overshoot.
    """
    z, empty = noise, null_ids.expand(len(noise), -1)
    for step in range(steps):
        t, t_next = 1 - step / steps, 1 - (step + 1) / steps
        at = torch.full((len(z),), t, device=z.device)
        velocity = model(z, at, token_ids, positions).velocity
        if guidance != 1.0:
            expected = z + (1 - t) * velocity
            pushed = model(z, at, empty, positions).velocity.lerp(velocity, guidance)
            guided = z + (1 - t) * pushed
            factor = expected.std((1, 2), keepdim=True) / guided.std((1, 2), keepdim=True).clamp(min=1e-6)
            velocity = (guided * factor - z) / (1 - t) if t < 1 else pushed
        z = z + (t_next - t) * velocity
    return z


def checker_features(path: Path, device: str) -> Features:
    """The finest layer of a trained checker network, frozen."""
    from atelier_runtime.evaluation.train_checker import load_checker

    network = load_checker(path)[0].network.eval().requires_grad_(False).to(device)
    return lambda pixels: network.fine(network.stem(pixels * 2 - 1))


def train(run: MmDitRun, steps: int, seconds: float) -> list[float]:
    """Until `steps` in all or `seconds` of this call; returns the losses of this call."""
    batches = stream_batches(run.preset, run.seed, run.vae.mean.cpu(), run.vae.analysis.cpu(), PromptTokenizer().path, run.step)
    losses, started, before = [], time.monotonic(), run.seconds
    for batch in batches:
        if run.step >= steps or time.monotonic() - started > seconds:
            break
        losses.append(run.train_step(batch))
        run.seconds = before + time.monotonic() - started
        if run.step % 20 == 0:
            print(f"step {run.step} loss {sum(losses[-20:]) / len(losses[-20:]):.4f} {run.seconds:.0f} s", flush=True)
    batches.close()
    run.save()
    return losses


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=_SIZES, default="ablation")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--minutes", type=float, default=10.0, help="of this call; the next one goes on with --resume")
    parser.add_argument("--features", type=Path, help="checkpoint of train_checker: align the picture stream with it")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args(argv)
    features = checker_features(options.features, options.device) if options.features else None
    run = MmDitRun(options.size, fit(preset_of(options.size), options.seed), options.out, options.seed, features, options.device)
    if options.resume and run.path.exists():
        run.load()
    print(f"{options.size}: {sum(p.numel() for p in run.model.parameters()) / 1e6:.2f} M parameters, from step {run.step}", flush=True)
    train(run, options.steps, 60 * options.minutes)


if __name__ == "__main__":
    main()
