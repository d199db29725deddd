"""Checkpoints: written beside the old file and renamed over it, so that a kill leaves one that loads."""

from __future__ import annotations

import os
from pathlib import Path

import torch


class TrainingDivergedError(RuntimeError):
    """The loss was not finite for several steps in a row."""


def save_checkpoint(path: Path, state: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def load_checkpoint(path: Path) -> dict:
    """Only tensors and plain values are unpickled."""
    return torch.load(path, map_location="cpu", weights_only=True)


class Ema:
    """Exponential moving average of parameters, with a short memory at the start."""

    def __init__(self, module: torch.nn.Module, decay: float) -> None:
        self.decay = decay
        self.averages = {name: value.detach().clone() for name, value in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: torch.nn.Module, step: int) -> None:
        keep = min(self.decay, (1 + step) / (10 + step))
        names = [name for name, value in self.averages.items() if value.is_floating_point()]
        current = module.state_dict()
        torch._foreach_lerp_([self.averages[n] for n in names], [current[n] for n in names], 1 - keep)
