"""Trains the two networks of the detector, each alone.

python -m atelier_runtime.evaluation.detector.train --stage recogniser --out .runs/detector --cpu-minutes 20 --resume
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from atelier_runtime.world.colour import WORDS
from atelier_runtime.world.vocabulary import Atlas, Preset, preset

from ..checker_data import CheckerScenes
from ..checker_network import CheckerNetwork
from ..judge_training import JudgeTraining, Schedule, add_cpu_time_options, train_for
from ..train_checker import losses
from .networks import Recogniser, RecogniserConfig, locator_config
from .usage import most_used_concepts
from .views import ViewSource

STAGES = ("locator", "recogniser")
_SCHEDULE = Schedule(rate=2e-3, weight_decay=1e-3, ema_decay=0.998, warm_up_steps=150, falling=1 / 2)
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


class Run(JudgeTraining):
    """One network; its seconds are CPU time."""

    def __init__(self, stage: LocatorStage | RecogniserStage, path: Path, world: Preset) -> None:
        self._stage = stage
        network = stage.network.to(memory_format=torch.channels_last)
        super().__init__(network, path, {"world": world.name, "config": network.config.to_json()}, _SCHEDULE)

    def train_step(self, planned_seconds: float) -> dict[str, float]:
        started = time.process_time()
        parts: dict[str, Tensor] = {}

        def loss() -> Tensor:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                parts.update(self._stage.losses(self.step))
            return sum(parts.values())  # type: ignore[return-value]

        self.advance(loss, planned_seconds)
        self.seconds += time.process_time() - started
        return {name: float(value.detach()) for name, value in parts.items()}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--preset", default="world")
    parser.add_argument("--out", type=Path, required=True)
    add_cpu_time_options(parser, minutes=20, batch=0)
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
    planned = options.cpu_minutes * 60
    train_for(run, planned, lambda: run.train_step(planned), _SAVE_SECONDS)


if __name__ == "__main__":
    main()
