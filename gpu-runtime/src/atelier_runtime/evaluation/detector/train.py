"""Trains the two networks of the detector, each alone.

python -m atelier_runtime.evaluation.detector.train --stage recogniser --out .runs/detector --cpu-minutes 20 --resume
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from atelier_runtime.training.checkpoint import Ema, TrainingDivergedError, load_checkpoint, save_checkpoint
from atelier_runtime.world.colour import WORDS
from atelier_runtime.world.vocabulary import Atlas, Preset, preset

from ..checker_data import CheckerScenes
from ..checker_network import CheckerNetwork
from ..train_checker import losses
from .networks import Recogniser, RecogniserConfig, locator_config
from .usage import most_used_concepts
from .views import ViewSource

STAGES = ("locator", "recogniser")
_RATE = 2e-3
_WARM_UP_STEPS = 150
_MAX_BAD_STEPS = 5
_SAVE_SECONDS = 60


class LocatorStage:
    def __init__(self, atlas: Atlas, world: Preset, batch: int) -> None:
        self.network = CheckerNetwork(locator_config())
        self._scenes = CheckerScenes(atlas, world, self.network.config, batch, deceptive_percent=0, one_concept=True)

    def losses(self, step: int) -> dict[str, Tensor]:
        parts = losses(self.network, self._scenes.batch(step))
        return {name: value for name, value in parts.items() if name != "colours"}


class RecogniserStage:
    def __init__(self, atlas: Atlas, world: Preset, batch: int, seed: int) -> None:
        self.network = Recogniser(RecogniserConfig(len(world.concepts), len(WORDS)))
        self._views = ViewSource(atlas, world, batch, most_used_concepts(world, atlas), seed=seed)

    def losses(self, step: int) -> dict[str, Tensor]:
        # Drawn in full precision: wide depthwise blurs take minutes, not milliseconds, in bfloat16 with channels last.
        with torch.autocast("cpu", enabled=False):
            views = self._views.batch()
        real, concepts, colours = self.network(views.pixels.contiguous(memory_format=torch.channels_last))
        return {
            "real": functional.binary_cross_entropy_with_logits(real.float(), views.real),
            "concepts": functional.cross_entropy(concepts.float(), views.concept, ignore_index=-1, label_smoothing=0.05),
            "colours": 0.5 * functional.cross_entropy(colours.float(), views.colour, ignore_index=-1),
        }


class Run:
    """One network; the learning rate falls to 0 over the last half of the planned CPU seconds."""

    def __init__(self, stage: LocatorStage | RecogniserStage, path: Path, world: Preset) -> None:
        self._stage, self.path, self._world = stage, path, world
        stage.network.to(memory_format=torch.channels_last)
        self._optimiser = torch.optim.AdamW(stage.network.parameters(), lr=_RATE, weight_decay=1e-3)
        self._ema = Ema(stage.network, 0.998)
        self.step, self.cpu_seconds, self._bad_steps = 0, 0.0, 0

    def save(self) -> None:
        state = {
            "world": self._world.name, "network": self._stage.network.state_dict(), "ema": self._ema.averages,
            "optimiser": self._optimiser.state_dict(), "step": self.step, "cpu_seconds": self.cpu_seconds,
            "config": self._stage.network.config.to_json(),
        }  # fmt: skip
        save_checkpoint(self.path, state)

    def resume(self) -> None:
        state = load_checkpoint(self.path)
        self._stage.network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._ema.averages = state["ema"]
        self.step, self.cpu_seconds = state["step"], state["cpu_seconds"]

    def train_step(self, planned_seconds: float) -> dict[str, float]:
        started = time.process_time()
        left = 1 - self.cpu_seconds / planned_seconds
        for group in self._optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, (self.step + 1) / _WARM_UP_STEPS, max(0.0, 2 * left))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            parts = self._stage.losses(self.step)
        self._optimiser.zero_grad(set_to_none=True)
        sum(parts.values()).backward()
        norm = nn.utils.clip_grad_norm_(self._stage.network.parameters(), 5.0)
        if torch.isfinite(norm):
            self._optimiser.step()
            self._ema.update(self._stage.network, self.step)
            self._bad_steps = 0
        else:
            self._bad_steps += 1
            if self._bad_steps >= _MAX_BAD_STEPS:
                raise TrainingDivergedError(f"gradient not finite at step {self.step}")
        self.step += 1
        self.cpu_seconds += time.process_time() - started
        return {name: float(value.detach()) for name, value in parts.items()}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--preset", default="world")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cpu-minutes", type=float, default=20, help="CPU time, not clock time: the machine may be shared")
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    atlas = Atlas()
    world = preset(options.preset, atlas)
    if options.stage == "locator":
        stage: LocatorStage | RecogniserStage = LocatorStage(atlas, world, options.batch or 16)
    else:
        # A resumed run sees other views than the run before it.
        stage = RecogniserStage(atlas, world, options.batch or 96, options.seed + int(time.time()) * options.resume)
    run = Run(stage, options.out / f"{options.stage}.pt", world)
    if options.resume and run.path.exists():
        run.resume()
    planned, recent, saved = options.cpu_minutes * 60, {}, time.monotonic()
    while run.cpu_seconds < planned:
        for name, value in run.train_step(planned).items():
            recent[name] = value if name not in recent else 0.98 * recent[name] + 0.02 * value
        if time.monotonic() - saved > _SAVE_SECONDS:
            saved = time.monotonic()
            run.save()
            print(
                json.dumps({"step": run.step, "cpu_seconds": round(run.cpu_seconds), **{k: round(v, 4) for k, v in recent.items()}}),
                flush=True,
            )
    run.save()


if __name__ == "__main__":
    main()
