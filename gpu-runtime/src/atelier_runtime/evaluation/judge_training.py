"""The training loop of every judge: optimiser, averages, learning rate, checkpoint, and the end of a run that diverges."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from atelier_runtime.training.checkpoint import Ema, TrainingDivergedError, load_checkpoint, save_checkpoint

_MAX_BAD_STEPS = 5
_MAX_NORM = 5.0


@dataclass(frozen=True)
class Schedule:
    """The learning rate rises over `warm_up_steps` and falls to 0 over the last `falling` share (0..1) of the plan."""

    rate: float
    weight_decay: float
    ema_decay: float
    warm_up_steps: int
    falling: float

    def at(self, step: int, done: float) -> float:
        """`done`: share of the planned time that is over."""
        return self.rate * min(1.0, (step + 1) / self.warm_up_steps, max(0.0, (1 - done) / self.falling))


class JudgeTraining:
    """One network in training and its checkpoint at `path`. `seconds` is the time spent so far, whatever clock the caller uses.

    `facts` go into the checkpoint as they are (config, world, ...).
    """

    def __init__(self, network: nn.Module, path: Path, facts: Mapping[str, object], schedule: Schedule) -> None:
        self.network, self.path, self._facts, self._schedule = network, path, facts, schedule
        self._optimiser = torch.optim.AdamW(network.parameters(), lr=schedule.rate, weight_decay=schedule.weight_decay)
        self._ema = Ema(network, schedule.ema_decay)
        self.step, self.seconds, self._bad_steps = 0, 0.0, 0

    @property
    def averages(self) -> dict[str, Tensor]:
        return self._ema.averages

    def save(self) -> None:
        save_checkpoint(self.path, {
            **self._facts, "network": self.network.state_dict(), "ema": self._ema.averages, "optimiser": self._optimiser.state_dict(),
            "step": self.step, "seconds": self.seconds,
        })  # fmt: skip

    def resume(self) -> None:
        state = load_checkpoint(self.path)
        self.network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._ema.averages = state["ema"]
        # Older checkpoints of the detector and the reader name the clock.
        self.step, self.seconds = state["step"], state["seconds"] if "seconds" in state else state["cpu_seconds"]

    def advance(self, loss: Callable[[], Tensor], planned_seconds: float) -> float:
        """One step; the loss. Errors: TrainingDivergedError after five steps without a finite gradient in a row."""
        rate = self._schedule.at(self.step, self.seconds / planned_seconds)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        value = loss()
        self._optimiser.zero_grad(set_to_none=True)
        value.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), _MAX_NORM)
        if torch.isfinite(norm):
            self._optimiser.step()
            self._ema.update(self.network, self.step)
            self._bad_steps = 0
        else:
            self._bad_steps += 1
            if self._bad_steps >= _MAX_BAD_STEPS:
                raise TrainingDivergedError(f"gradient not finite at step {self.step}")
        self.step += 1
        return float(value.detach())


def smoothed(recent: dict[str, float], parts: Mapping[str, float]) -> None:
    """Moving means of the losses for the log, in place."""
    for name, value in parts.items():
        recent[name] = value if name not in recent else 0.98 * recent[name] + 0.02 * value


def add_cpu_time_options(parser: argparse.ArgumentParser, *, minutes: float, batch: int) -> None:
    parser.add_argument("--cpu-minutes", type=float, default=minutes, help="CPU time, not clock time: the machine may be shared")
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true")


def train_for(run: JudgeTraining, planned_seconds: float, step: Callable[[], Mapping[str, float]], save_every_s: float) -> None:
    """`step` until the run's `seconds`, which it counts in CPU time, are those planned. Saves and prints the smoothed losses on the way."""
    recent: dict[str, float] = {}
    saved = time.monotonic()
    while run.seconds < planned_seconds:
        smoothed(recent, step())
        if time.monotonic() - saved > save_every_s:
            saved = time.monotonic()
            run.save()
            losses = {name: round(value, 4) for name, value in recent.items()}
            print(json.dumps({"step": run.step, "cpu_seconds": round(run.seconds), **losses}), flush=True)
    run.save()
